# Headers that most sources include, parsed once per build: a source that includes Arrow compiles in three quarters of the time.
# Sources still include what they use: clang-tidy reads them in a build without these (preset clang).
include_guard()

set(standard_headers <algorithm> <array> <cassert> <charconv> <chrono> <cstdint> <cstring> <functional>
  <map> <memory> <mutex> <optional> <set> <span> <stop_token> <string> <string_view> <tuple> <unordered_map>
  <unordered_set> <utility> <variant> <vector>)
set(arrow_headers <arrow/api.h> <nlohmann/json.hpp>)

file(WRITE ${PROJECT_BINARY_DIR}/precompiled.cpp "")
file(WRITE ${PROJECT_BINARY_DIR}/precompiled_main.cpp "int main() {}\n")

add_library(precompiled_standard OBJECT ${PROJECT_BINARY_DIR}/precompiled.cpp)
target_link_libraries(precompiled_standard PRIVATE ashore_warnings)
target_precompile_headers(precompiled_standard PRIVATE ${standard_headers})

add_library(precompiled_arrow OBJECT ${PROJECT_BINARY_DIR}/precompiled.cpp)
target_link_libraries(precompiled_arrow PRIVATE ashore_warnings arrow::arrow)
target_precompile_headers(precompiled_arrow PRIVATE ${standard_headers} ${arrow_headers})

# Tests themselves need no optimizing, the rooms that they call are optimized: it takes a third of the compile time.
set(test_options -O0)

# A program, since programs are compiled as -fPIE where libraries are -fPIC.
add_executable(precompiled_tests ${PROJECT_BINARY_DIR}/precompiled_main.cpp)
target_link_libraries(precompiled_tests PRIVATE ashore_warnings arrow::arrow GTest::gmock GTest::gtest)
target_compile_options(precompiled_tests PRIVATE ${test_options})
target_precompile_headers(precompiled_tests PRIVATE ${standard_headers} ${arrow_headers}
  <gtest/gtest.h> <gmock/gmock.h>)

# reuse_headers_for_room(<room> <names of rooms and libraries it links>...)
function(reuse_headers_for_room room)
  get_property(arrow_rooms GLOBAL PROPERTY ashore_arrow_rooms)
  foreach(linked ${ARGN})
    if(linked MATCHES "^arrow::" OR linked IN_LIST arrow_rooms)
      set_property(GLOBAL APPEND PROPERTY ashore_arrow_rooms ashore_${room})
      target_precompile_headers(ashore_${room} REUSE_FROM precompiled_arrow)
      return()
    endif()
  endforeach()
  target_precompile_headers(ashore_${room} REUSE_FROM precompiled_standard)
endfunction()
