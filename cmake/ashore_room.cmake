# One target a room, linked only to the rooms it may include; one test program a room.
include_guard()

add_library(ashore_warnings INTERFACE)
target_compile_options(ashore_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Werror)
# With precompiled headers g++ 12 no longer knows which inlined code is the system's, and warns of std::string's own
# operator+. Clang, the second compiler, keeps such warnings.
target_compile_options(ashore_warnings INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-stringop-overflow;-Wno-restrict>)
include(cmake/precompiled_headers.cmake)

# ashore_room(<room> SOURCES ... ROOMS ... LIBRARIES ... [TESTS ... TEST_LIBRARIES ...])
# TESTS make one unit test program, <room>_test.
function(ashore_room room)
  cmake_parse_arguments(ARG "" "" "SOURCES;ROOMS;LIBRARIES;TESTS;TEST_LIBRARIES" ${ARGN})
  list(TRANSFORM ARG_ROOMS PREPEND ashore_)
  if(ARG_SOURCES)
    add_library(ashore_${room} STATIC ${ARG_SOURCES})
    target_include_directories(ashore_${room} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(ashore_${room} PUBLIC ${ARG_ROOMS} ${ARG_LIBRARIES} PRIVATE ashore_warnings)
    reuse_headers_for_room(${room} ${ARG_ROOMS} ${ARG_LIBRARIES})
  else()
    add_library(ashore_${room} INTERFACE)
    target_include_directories(ashore_${room} INTERFACE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(ashore_${room} INTERFACE ${ARG_ROOMS} ${ARG_LIBRARIES})
  endif()
  if(ARG_TESTS)
    ashore_test(${room}_test SOURCES ${ARG_TESTS} ROOMS ${room} LIBRARIES ${ARG_TEST_LIBRARIES})
  endif()
endfunction()

set(ASHORE_TEST_SECONDS 300 CACHE STRING "A test program that takes longer has failed")

# ashore_test(<name> SOURCES ... ROOMS ... LIBRARIES ... [LABEL unit])
function(ashore_test name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;ROOMS;LIBRARIES" ${ARGN})
  list(TRANSFORM ARG_ROOMS PREPEND ashore_)
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_ROOMS} ${ARG_LIBRARIES} ashore_warnings
    GTest::gmock GTest::gtest GTest::gtest_main)
  target_precompile_headers(${name} REUSE_FROM precompiled_tests)
  target_compile_options(${name} PRIVATE ${test_options})
  # Tests against PostgreSQL bring their own throw-away cluster, or share the one that is named.
  if(ARG_LABEL STREQUAL postgres)
    set(runner ${PROJECT_SOURCE_DIR}/scripts/with_postgres)
  elseif(ARG_LABEL STREQUAL s3)
    set(runner ${PROJECT_SOURCE_DIR}/scripts/with_s3)
  endif()
  add_test(NAME ${name} COMMAND ${runner} $<TARGET_FILE:${name}>
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ASHORE_TEST_SECONDS})
  if(ARG_LABEL STREQUAL postgres)
    set_tests_properties(${name} PROPERTIES RESOURCE_LOCK postgres)
  endif()
endfunction()
