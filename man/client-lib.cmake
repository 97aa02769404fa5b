# SPDX-License-Identifier: MIT
install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/tagcache.3 DESTINATION ${CMAKE_INSTALL_MANDIR}/man3
        COMPONENT client-lib-dev)
install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/tagcache_tls.3 DESTINATION ${CMAKE_INSTALL_MANDIR}/man3
        COMPONENT client-lib-tls-dev)
