# SPDX-License-Identifier: MIT
# tc_folder_target(<target> <name> [DEPENDS <target>...]) makes the headers of the current folder
# reachable as "<name>/x.hpp" for this target and for those that link it, and for nobody else: the
# direction of dependency is what the include path allows. (A link per folder in the build tree.)
function(tc_folder_target target name)
    cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
    set(root ${CMAKE_BINARY_DIR}/include/${target})
    file(MAKE_DIRECTORY ${root})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${name} SYMBOLIC)
    target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${root}>)
    # Where compiling is the price of a check, a few files of C++ at a time cost a third.
    get_target_property(sources ${target} SOURCES)
    if((TC_SANITIZE OR TC_LINT) AND sources MATCHES "\\.cpp")
        set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    endif()
    target_link_libraries(${target} PUBLIC ${ARG_DEPENDS}
                          PRIVATE $<BUILD_INTERFACE:tc_compile> $<BUILD_INTERFACE:tc_hardening>)
endfunction()
