/* SPDX-License-Identifier: MIT
 *
 * Connects by TLS to where nobody listens, and says so. */
#include <stdio.h>
#include <tagcache/tls.h>

int main(int argc, char **argv) {
    (void)argc;
    tagcache_tls *tls = NULL;
    if (tagcache_tls_new(NULL, &tls) != TAGCACHE_OK) {
        return 2;
    }
    tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
    options.uri = argv[1];
    options.transport = tagcache_tls_transport();
    options.transport_context = tls;
    tagcache_client *client = NULL;
    tagcache_status status = tagcache_client_new(&options, &client);
    if (status == TAGCACHE_OK) {
        status = tagcache_client_connect(client, NULL);
    }
    fprintf(stderr, "%s\n", tagcache_client_error(client));
    tagcache_client_free(client);
    tagcache_tls_free(tls);
    return status == TAGCACHE_CONNECT ? 1 : 2;
}
