# EngramDependencies.cmake - every library Engram stands on, found once, for all rooms
# (docs/decisions/0001-dependencies.md says why each). Rooms link PkgConfig::<NAME>.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET GLOBAL libxxhash)
pkg_search_module(MSGPACK REQUIRED IMPORTED_TARGET GLOBAL msgpack-c>=4 msgpack>=4)
pkg_check_modules(MPFR REQUIRED IMPORTED_TARGET GLOBAL mpfr)
pkg_check_modules(SLEEF REQUIRED IMPORTED_TARGET GLOBAL sleef)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET GLOBAL hdf5>=1.10)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET GLOBAL jansson)
if(NOT ENGRAM_GSL STREQUAL "OFF") # optional: the gsl methods are refused by name without it
  pkg_check_modules(GSL IMPORTED_TARGET GLOBAL gsl>=2.0)
  if(ENGRAM_GSL STREQUAL "ON" AND NOT GSL_FOUND)
    message(FATAL_ERROR "GSL not found (Debian: libgsl-dev), and ENGRAM_GSL is ON")
  endif()
endif()
set(ENGRAM_HAVE_GSL ${GSL_FOUND})
if(ENGRAM_TESTS)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET GLOBAL cmocka)
endif()

include(CheckIncludeFile)
check_include_file(Random123/philox.h EG_HAVE_RANDOM123)
if(NOT EG_HAVE_RANDOM123)
  message(FATAL_ERROR "Random123/philox.h not found (Debian: librandom123-dev)")
endif()
