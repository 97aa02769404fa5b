# SPDX-License-Identifier: MIT
# What makes a mistake harder to exploit, in all that is installed; tests/packages/elf_hardening
# reads it back from the files. Two more switches, which tests have too, are in developer.cmake.
# Sanitizers find more than these, and do not go with all of them; neither does gcc without -O.
include(CheckCXXCompilerFlag)

add_library(tc_hardening INTERFACE)
if(TC_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Debug")
    return()
endif()

# Not every compiler and processor has these; the test asks for all that Debian 12's have.
foreach(flag -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero)
    string(MAKE_C_IDENTIFIER "TC_HAS_${flag}" is_known)
    check_cxx_compiler_flag(${flag} ${is_known})
    if(${is_known})
        target_compile_options(tc_hardening INTERFACE ${flag})
    endif()
endforeach()
# gcc 12 clears a variable of a hundred bytes by "rep stos", which takes longer to begin than a few
# stores take for all of it; beyond that the C library is the fastest.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    target_compile_options(tc_hardening INTERFACE
                           -mmemset-strategy=vector_loop:256:noalign,libcall:-1:noalign)
endif()
# Libraries get -fPIC from CMake.
set(is_library_code "$<BOOL:$<TARGET_PROPERTY:POSITION_INDEPENDENT_CODE>>")
target_compile_options(tc_hardening INTERFACE "$<$<NOT:${is_library_code}>:-fPIE>")
target_compile_definitions(tc_hardening INTERFACE _GLIBCXX_ASSERTIONS)
set(is_program "$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>")
target_link_options(tc_hardening INTERFACE
    "$<${is_program}:-pie>" LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack
    LINKER:-z,separate-code LINKER:--as-needed)
