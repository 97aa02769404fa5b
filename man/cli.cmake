# SPDX-License-Identifier: MIT
install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/tagcache.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
        COMPONENT tools)
