/* SPDX-License-Identifier: MIT */
#include "client-lib/request.h"
#include "protocol/opcodes.h"

bool request_has_secret(const client_request *request) {
    switch (request->opcode) {
        case WIRE_OP_AUTH: return true;
        case WIRE_OP_USER:
            return request->message.user.password.size != 0 ||
                   request->message.user.old_password.size != 0;
        case WIRE_OP_TOKEN: return request->message.token.action == WIRE_TOKEN_CREATE;
        default: return false;
    }
}

bool request_is_change(const client_request *request) {
    switch (request->opcode) {
        case WIRE_OP_CLIENT: return request->message.client.action != WIRE_CLIENT_LIST;
        case WIRE_OP_CONFIG: return request->message.config.action != WIRE_CONFIG_GET;
        case WIRE_OP_SLOWLOG: return request->message.slowlog.action != WIRE_SLOWLOG_GET;
        default: break;
    }
    const wire_opcode_info *info = wire_opcode_find(request->opcode);
    return info != NULL && info->is_change;
}
