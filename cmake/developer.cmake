# SPDX-License-Identifier: MIT
# What every target of ours is compiled with: warnings, sanitizers, lint. Nothing else lives here.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

add_library(tc_compile INTERFACE)
set(TC_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wformat=2 -Wundef)
# -Wnull-dereference is for C alone: gcc 12 finds null pointers in its own std::string once that is
# inlined. -Wold-style-cast is for gcc alone: clang finds them in C headers behind extern "C" too.
target_compile_options(tc_compile INTERFACE
    ${TC_WARNINGS}
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual>
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wold-style-cast>
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes -Wnull-dereference>
    # What shadows a name of another file is no mistake.
    $<$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>:-Wno-shadow>
    $<$<BOOL:${TC_DEVELOPER}>:-Werror>
    -fstack-protector-strong)
target_compile_definitions(tc_compile INTERFACE
    $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>
    $<$<CONFIG:Release,RelWithDebInfo>:_FORTIFY_SOURCE=3>)

if(TC_SANITIZE)
    target_compile_options(tc_compile INTERFACE -fsanitize=${TC_SANITIZE} -fno-omit-frame-pointer)
    if(TC_SANITIZE STREQUAL "thread")
        # gcc warns that it does not model atomic_thread_fence.
        target_compile_options(tc_compile INTERFACE -Wno-tsan)
    endif()
    target_link_options(tc_compile INTERFACE -fsanitize=${TC_SANITIZE})
    target_compile_definitions(tc_compile INTERFACE TC_SANITIZED=1)
    if(TC_SANITIZE MATCHES undefined)
        target_compile_options(tc_compile INTERFACE -fno-sanitize-recover=undefined)
    endif()
endif()

# Options of command lines, read once a run. gcc takes a minute for each file of them with
# sanitizers at -O1, and a quarter of that without optimizing.
find_package(CLI11 REQUIRED)
add_library(tc_command_line INTERFACE)
target_link_libraries(tc_command_line INTERFACE CLI11::CLI11)
if(TC_SANITIZE)
    target_compile_options(tc_command_line INTERFACE -O0)
endif()

if(TC_LINT)
    find_program(TC_CLANG_TIDY clang-tidy REQUIRED)
    set(CMAKE_C_CLANG_TIDY ${TC_CLANG_TIDY} --quiet)
    set(CMAKE_CXX_CLANG_TIDY ${TC_CLANG_TIDY} --quiet --extra-arg=-Wthread-safety)
endif()

find_program(TC_CCACHE ccache)
if(TC_CCACHE)
    set(CMAKE_C_COMPILER_LAUNCHER ${TC_CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${TC_CCACHE})
endif()
