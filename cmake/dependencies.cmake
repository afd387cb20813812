# Imported targets for everything ashore stands on: Debian packages and the pinned wheels in .deps.
include_guard()

find_package(CURL REQUIRED)
find_package(simdjson REQUIRED)
# Arrow's libraries export symbols of a simdjson of their own, of another version, and whoever comes
# first on the link line is called. As an option ours stands before all libraries.
add_link_options("LINKER:--no-as-needed" "$<TARGET_FILE:simdjson::simdjson>")
find_package(pugixml REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(Threads REQUIRED)
find_package(date REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark)

if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()

# Debian builds cpp-httplib as a library, with TLS, and ships a pkg-config file only.
find_library(HTTPLIB_LIBRARY cpp-httplib REQUIRED)
add_library(httplib::httplib UNKNOWN IMPORTED)
set_target_properties(httplib::httplib PROPERTIES
  IMPORTED_LOCATION ${HTTPLIB_LIBRARY}
  INTERFACE_COMPILE_DEFINITIONS "CPPHTTPLIB_OPENSSL_SUPPORT;CPPHTTPLIB_ZLIB_SUPPORT;CPPHTTPLIB_BROTLI_SUPPORT"
  INTERFACE_LINK_LIBRARIES "OpenSSL::SSL;OpenSSL::Crypto;Threads::Threads")

# rapidcheck has no CMake package in Debian.
find_library(RAPIDCHECK_LIBRARY rapidcheck REQUIRED)
add_library(rapidcheck::rapidcheck UNKNOWN IMPORTED)
set_target_properties(rapidcheck::rapidcheck PROPERTIES IMPORTED_LOCATION ${RAPIDCHECK_LIBRARY})

# RE2 has a pkg-config file only in Debian.
find_library(RE2_LIBRARY re2 REQUIRED)
add_library(re2::re2 UNKNOWN IMPORTED)
set_target_properties(re2::re2 PROPERTIES IMPORTED_LOCATION ${RE2_LIBRARY})

set(ASHORE_DEPS ${PROJECT_SOURCE_DIR}/.deps CACHE PATH "Where set-up put the pinned wheels")
option(ASHORE_SYSTEM_ARROW "Link the system's Arrow: releases promise bytes, so never the default" OFF)

if(ASHORE_SYSTEM_ARROW)
  find_package(Arrow REQUIRED)
  find_package(Parquet REQUIRED)
  add_library(arrow::arrow ALIAS Arrow::arrow_shared)
  add_library(arrow::parquet ALIAS Parquet::parquet_shared)
else()
  foreach(library arrow parquet)
    add_library(arrow::${library} SHARED IMPORTED)
    set_target_properties(arrow::${library} PROPERTIES
      IMPORTED_LOCATION ${ASHORE_DEPS}/pyarrow/lib${library}.so.2600
      INTERFACE_INCLUDE_DIRECTORIES ${ASHORE_DEPS}/pyarrow/include)
  endforeach()
  set_property(TARGET arrow::parquet APPEND PROPERTY INTERFACE_LINK_LIBRARIES arrow::arrow)
endif()

# The ADBC driver manager's sources come in its wheel.
set(ADBC_SOURCES ${ASHORE_DEPS}/adbc_driver_manager)
add_library(adbc_driver_manager STATIC
  ${ADBC_SOURCES}/adbc_driver_manager.cc
  ${ADBC_SOURCES}/adbc_driver_manager_api.cc
  ${ADBC_SOURCES}/adbc_driver_manager_driver_loading.cc
  ${ADBC_SOURCES}/adbc_driver_manager_profiles.cc)
target_include_directories(adbc_driver_manager SYSTEM PUBLIC
  ${ADBC_SOURCES} ${ADBC_SOURCES}/arrow-adbc)
target_compile_options(adbc_driver_manager PRIVATE -w)
target_link_libraries(adbc_driver_manager PUBLIC ${CMAKE_DL_LIBS})
add_library(adbc::driver_manager ALIAS adbc_driver_manager)
