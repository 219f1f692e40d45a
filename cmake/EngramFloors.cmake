# EngramFloors.cmake - how a floor (an internal static library) and a C test are declared

find_package(PkgConfig REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)

add_library(eg_flags INTERFACE)
target_compile_definitions(eg_flags INTERFACE _GNU_SOURCE)
target_compile_options(eg_flags INTERFACE
  -ffp-contract=off
  $<$<COMPILE_LANGUAGE:C>:-Wall;-Wextra;-Wpedantic;-Wconversion;-Wshadow>
  $<$<BOOL:${ENGRAM_WERROR}>:-Werror>)
if(ENGRAM_SANITIZE)
  target_compile_options(eg_flags INTERFACE -fsanitize=${ENGRAM_SANITIZE}
                         -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(eg_flags INTERFACE -fsanitize=${ENGRAM_SANITIZE})
  target_compile_definitions(eg_flags INTERFACE EG_SANITIZED=1)
endif()
target_include_directories(eg_flags INTERFACE
  ${PROJECT_SOURCE_DIR}/formats ${PROJECT_SOURCE_DIR}/formats/include
  ${PROJECT_SOURCE_DIR}/converters ${PROJECT_SOURCE_DIR}/converters/include
  ${PROJECT_SOURCE_DIR}/plugin ${PROJECT_SOURCE_DIR}/plugin/include)

# eg_floor(<name> SOURCES <files> [DEPENDS <floors and libraries>])
function(eg_floor name)
  cmake_parse_arguments(FLOOR "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${FLOOR_SOURCES})
  target_link_libraries(${name} PUBLIC eg_flags ${FLOOR_DEPENDS})
endfunction()

# eg_unit_test(<name> SOURCES <files> DEPENDS <floors>): a cmocka program run by CTest.
# It links only the floor it tests and those below, so an upward call fails to link.
function(eg_unit_test name)
  cmake_parse_arguments(UNIT "" "" "SOURCES;DEPENDS;LABELS" ${ARGN})
  add_executable(${name} ${UNIT_SOURCES})
  target_link_libraries(${name} PRIVATE eg_test_support ${UNIT_DEPENDS})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "unit;${UNIT_LABELS}" TIMEOUT 300
    ENVIRONMENT "ENGRAM_TEST_DATA=${PROJECT_SOURCE_DIR}/tests")
endfunction()
