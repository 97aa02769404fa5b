# SPDX-License-Identifier: MIT
# tagcache-protocol(7) is made from the page that is the truth.
set(TC_PROTOCOL_PAGE ${PROJECT_SOURCE_DIR}/docs/protocol.md)
set(TC_PROTOCOL_MANUAL ${CMAKE_BINARY_DIR}/man/tagcache-protocol.7)
add_custom_command(
    OUTPUT ${TC_PROTOCOL_MANUAL}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/man
    COMMAND awk -v "date=November 21, 2026" -f ${CMAKE_CURRENT_LIST_DIR}/protocol.awk
            ${TC_PROTOCOL_PAGE} > ${TC_PROTOCOL_MANUAL}
    DEPENDS ${TC_PROTOCOL_PAGE} ${CMAKE_CURRENT_LIST_DIR}/protocol.awk
    VERBATIM)
add_custom_target(protocol_manual ALL DEPENDS ${TC_PROTOCOL_MANUAL})
install(FILES ${TC_PROTOCOL_MANUAL} DESTINATION ${CMAKE_INSTALL_MANDIR}/man7 COMPONENT server)
install(FILES ${TC_PROTOCOL_PAGE} DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT server)
