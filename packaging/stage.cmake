# SPDX-License-Identifier: MIT
# cpack runs this on the installed components before it packs them, each below a folder of its own.
# An error here is one of cpack.
set(packaging @CMAKE_CURRENT_SOURCE_DIR@)

function(compress file)
    execute_process(COMMAND gzip -9n ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# What the policy of Debian wants in every package.
function(stage_documents root package)
    set(folder ${root}/usr/share/doc/${package})
    file(MAKE_DIRECTORY ${folder})
    configure_file(${packaging}/debian/copyright ${folder}/copyright COPYONLY)
    configure_file(${packaging}/debian/changelog ${folder}/changelog.Debian COPYONLY)
    compress(${folder}/changelog.Debian)
    file(GLOB_RECURSE pages ${root}/usr/share/man/*)
    foreach(page IN LISTS pages)
        compress(${page})
    endforeach()
    file(GLOB_RECURSE archives ${root}/usr/lib/*.a)
    foreach(archive IN LISTS archives)
        execute_process(COMMAND strip --strip-debug ${archive} COMMAND_ERROR_IS_FATAL ANY)
    endforeach()
endfunction()

function(stage_server root)
    file(RENAME ${root}/usr/share/doc/tagcache ${root}/usr/share/doc/tagcached)
    file(COPY ${packaging}/tagcached.service DESTINATION ${root}/lib/systemd/system)
    file(COPY ${packaging}/sysusers.conf DESTINATION ${root}/usr/lib/sysusers.d)
    file(RENAME ${root}/usr/lib/sysusers.d/sysusers.conf ${root}/usr/lib/sysusers.d/tagcached.conf)
    execute_process(COMMAND ${root}/usr/sbin/tagcached --print-default-config
                    OUTPUT_VARIABLE configuration COMMAND_ERROR_IS_FATAL ANY)
    # The one thing that is not as it would be without the package: where users are, once there are.
    string(REPLACE "# users_file = " "users_file = " ours "${configuration}")
    if(ours STREQUAL configuration)
        message(FATAL_ERROR "tagcached --print-default-config has no users_file to be set")
    endif()
    file(WRITE ${root}/etc/tagcache/tagcached.toml "${ours}")
endfunction()

set(top ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
set(packages server=tagcached tools=tagcache-tools client-lib=libtagcache1
    client-lib-dev=libtagcache-dev client-lib-tls=libtagcache-tls1
    client-lib-tls-dev=libtagcache-tls-dev)
foreach(pair IN LISTS packages)
    string(REPLACE "=" ";" pair ${pair})
    list(GET pair 0 component)
    list(GET pair 1 package)
    if(component STREQUAL "server")
        stage_server(${top}/${component})
    endif()
    stage_documents(${top}/${component} ${package})
endforeach()
