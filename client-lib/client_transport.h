/* SPDX-License-Identifier: MIT
 *
 * The way of a client's bytes when its options bring a transport. */
#ifndef TAGCACHE_CLIENT_LIB_CLIENT_TRANSPORT_H
#define TAGCACHE_CLIENT_LIB_CLIENT_TRANSPORT_H

#include "client-lib/client.h"
#include "client-lib/socket.h"

/* For the connection that has just been made. False when there is no memory. */
bool transport_open(tagcache_client *client);
void transport_close(tagcache_client *client);

/* Sends what the kernel takes. SOCKET_FAILED leaves errno; when the transport itself has failed,
 * the session is closed and says why. */
socket_outcome transport_send(tagcache_client *client);
/* Receives once. */
socket_outcome transport_receive(tagcache_client *client);
/* What was received before and the session had no room for. */
void transport_read(tagcache_client *client);

/* Whether the transport has bytes that the socket has not taken. */
bool transport_has_output(const tagcache_client *client);

#endif
