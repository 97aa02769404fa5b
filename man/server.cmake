# SPDX-License-Identifier: MIT
install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/tagcached.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8
        COMPONENT server)

# tagcached.toml(5) is made from the table of settings.
set(TC_CONFIG_MANUAL ${CMAKE_BINARY_DIR}/man/tagcached.toml.5)
add_executable(settings_manual ${PROJECT_SOURCE_DIR}/server/settings/settings_manual_main.cpp)
target_link_libraries(settings_manual PRIVATE tc_server tc_compile)
add_custom_command(
    OUTPUT ${TC_CONFIG_MANUAL}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/man
    COMMAND settings_manual "November 22, 2026" ${TC_CONFIG_MANUAL}
    DEPENDS settings_manual
    VERBATIM)
add_custom_target(config_manual ALL DEPENDS ${TC_CONFIG_MANUAL})
install(FILES ${TC_CONFIG_MANUAL} DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT server)
