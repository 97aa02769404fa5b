# SPDX-License-Identifier: MIT
# Installs into a prefix of its own and builds consumers of it outside the tree: by
# find_package with the shared and the static library, and by pkg-config. Each is then started
# against a port where nobody listens: that it says so shows that it links and runs.
# Arguments: BUILD_DIR WORK_DIR CONSUMER_DIR QUICKSTARTS C_COMPILER C_FLAGS
file(REMOVE_RECURSE ${WORK_DIR})
set(prefix ${WORK_DIR}/prefix)

function(run)
    execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(expect_no_server program scheme)
    execute_process(COMMAND ${program} ${scheme}://127.0.0.1:1 RESULT_VARIABLE code
                    ERROR_VARIABLE error)
    if(NOT code EQUAL 1 OR NOT error MATCHES "cannot connect to ${scheme}://127.0.0.1:1")
        message(FATAL_ERROR "${program} exited with ${code}: ${error}")
    endif()
endfunction()

foreach(component client-lib client-lib-dev client-lib-tls client-lib-tls-dev)
    run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix} --component ${component})
endforeach()
run(${CMAKE_COMMAND} -S ${CONSUMER_DIR} -B ${WORK_DIR}/build -DCMAKE_PREFIX_PATH=${prefix}
    -DQUICKSTARTS=${QUICKSTARTS} "-DCMAKE_C_FLAGS=${C_FLAGS}" "-DCMAKE_CXX_FLAGS=${C_FLAGS}")
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)

file(GLOB_RECURSE pkgconfig ${prefix}/tagcache.pc)
get_filename_component(pkgconfig_dir ${pkgconfig} DIRECTORY)
set(ENV{PKG_CONFIG_PATH} ${pkgconfig_dir})
execute_process(COMMAND pkg-config --cflags --libs tagcache
                OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags)
separate_arguments(C_FLAGS)
run(${C_COMPILER} -std=c99 -pedantic -Wall -Wextra -Werror ${C_FLAGS} ${QUICKSTARTS}/quickstart.c
    ${flags} -o ${WORK_DIR}/consumer_pkgconfig)
execute_process(COMMAND pkg-config --cflags --libs tagcache_tls
                OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags)
run(${C_COMPILER} -std=c99 -pedantic -Wall -Wextra -Werror ${C_FLAGS} ${CONSUMER_DIR}/tls.c
    ${flags} -o ${WORK_DIR}/consumer_pkgconfig_tls)

foreach(program build/consumer_shared build/consumer_static build/consumer_cxx)
    expect_no_server(${WORK_DIR}/${program} tagcache)
endforeach()
foreach(program build/consumer_tagcache_tls build/consumer_tagcache_tls_static)
    expect_no_server(${WORK_DIR}/${program} tagcaches)
endforeach()
file(GLOB_RECURSE library ${prefix}/libtagcache.so.1)
get_filename_component(library_dir ${library} DIRECTORY)
set(ENV{LD_LIBRARY_PATH} ${library_dir})
expect_no_server(${WORK_DIR}/consumer_pkgconfig tagcache)
expect_no_server(${WORK_DIR}/consumer_pkgconfig_tls tagcaches)
