/* SPDX-License-Identifier: MIT */
#ifndef TAGCACHE_CLIENT_LIB_PIPELINE_H
#define TAGCACHE_CLIENT_LIB_PIPELINE_H

#include "client-lib/client.h"

enum { PIPELINE_SEND_BYTES = 64 * 1024 }; /* so much is sent at a time while nobody waits */

tagcache_status pipeline_append(tagcache_pipeline *pipeline, const client_request *request,
                                const tagcache_call_options *call);

#endif
