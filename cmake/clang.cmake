# Clang, which brings libFuzzer and ThreadSanitizer: the one of the plain name, or the one that
# Debian 12 has.
find_program(MPBRIDGE_CLANG NAMES clang++ clang++-14 REQUIRED)
set(CMAKE_CXX_COMPILER ${MPBRIDGE_CLANG})
