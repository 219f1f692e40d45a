# EngramFloors.cmake - how a floor (an internal static library), a loadable part and a C test
# are declared

configure_file(${PROJECT_SOURCE_DIR}/plugin/include/engram/version.h.in
               ${PROJECT_BINARY_DIR}/include/engram/version.h @ONLY)

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
  ${PROJECT_SOURCE_DIR}/plugin ${PROJECT_SOURCE_DIR}/plugin/include
  ${PROJECT_BINARY_DIR}/include)

# eg_floor(<name> SOURCES <files> [DEPENDS <floors and libraries>])
# Floors become libengram in cmake/EngramLibrary.cmake.
function(eg_floor name)
  cmake_parse_arguments(FLOOR "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${FLOOR_SOURCES})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
  target_link_libraries(${name} PUBLIC eg_flags ${FLOOR_DEPENDS})
  set_target_properties(${name} PROPERTIES
    ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  set_property(GLOBAL APPEND PROPERTY ENGRAM_FLOORS ${name})
endfunction()

# eg_loadable(<name> OUTPUT <file name without suffix> SOURCES <files> DEPENDS <floors>)
# A shared object opened at run time: built to lib/engram/, installed to <libdir>/engram/,
# exporting only what its own sources mark ENGRAM_API.
function(eg_loadable name)
  cmake_parse_arguments(PART "" "OUTPUT" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} MODULE ${PART_SOURCES})
  target_link_libraries(${name} PRIVATE eg_flags ${PART_DEPENDS})
  target_link_options(${name} PRIVATE LINKER:-Bsymbolic LINKER:--exclude-libs,ALL)
  set_target_properties(${name} PROPERTIES PREFIX "" OUTPUT_NAME ${PART_OUTPUT}
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/engram)
  install(TARGETS ${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/engram)
endfunction()

# eg_unit_test(<name> SOURCES <files> DEPENDS <floors>): a cmocka program run by CTest.
# It links only the floor it tests and those below, so an upward call fails to link.
function(eg_unit_test name)
  cmake_parse_arguments(UNIT "" "" "SOURCES;DEPENDS;LABELS" ${ARGN})
  add_executable(${name} ${UNIT_SOURCES})
  target_link_libraries(${name} PRIVATE eg_test_support ${UNIT_DEPENDS})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "unit;${UNIT_LABELS}" TIMEOUT 300
    ENVIRONMENT "ENGRAM_TEST_DATA=${PROJECT_SOURCE_DIR}/tests")
endfunction()
