# What every target is compiled with. Linked as mpbridge_options.
add_library(mpbridge_options INTERFACE)
target_compile_features(mpbridge_options INTERFACE cxx_std_20)
target_compile_options(mpbridge_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion
  -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wcast-align -Wformat=2)

# What is shipped shall make life hard for whoever finds a mistake in it.
include(CheckPIESupported)
check_pie_supported()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
target_compile_options(mpbridge_options INTERFACE
  $<$<CONFIG:Release>:-fstack-protector-strong -fstack-clash-protection -fcf-protection=full>)
target_compile_definitions(mpbridge_options INTERFACE
  $<$<CONFIG:Release>:_FORTIFY_SOURCE=3 _GLIBCXX_ASSERTIONS>)
target_link_options(mpbridge_options INTERFACE
  $<$<CONFIG:Release>:-Wl,-z,relro,-z,now,-z,noexecstack>)

# One room of the code: a static library of src/<name>, which sees only the rooms it names.
function(mpbridge_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;USES" ${ARGN})
  add_library(mpbridge_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(mpbridge_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(mpbridge_${name} PUBLIC ${ROOM_USES} PRIVATE mpbridge_options)
endfunction()

# The unit tests of one room: an executable of tests/unit/<name>.
function(mpbridge_unit_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES" ${ARGN})
  add_executable(${name}_test ${TEST_SOURCES})
  target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/tests/unit)
  target_link_libraries(${name}_test PRIVATE mpbridge_${name} mpbridge_options GTest::gmock_main)
  gtest_discover_tests(${name}_test TEST_PREFIX "${name}.")
endfunction()
