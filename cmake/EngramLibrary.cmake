# EngramLibrary.cmake - libengram (shared and static) out of the floors, and what is installed
#
#   engram::engram         lib/libengram.so, exports the ENGRAM_API functions and nothing else
#   engram::engram_static  lib/libengram.a
#
# HDF5 is not in it: that floor is the provider <libdir>/engram/libengram_hdf5.so.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(floors GLOBAL PROPERTY ENGRAM_FLOORS)
if(NOT ENGRAM_SANITIZE) # those builds link the HDF5 floor directly
  list(REMOVE_ITEM floors eg_hdf5)
endif()

set(objects "")
set(libraries "")
foreach(floor IN LISTS floors)
  list(APPEND objects $<TARGET_OBJECTS:${floor}>)
  get_target_property(links ${floor} LINK_LIBRARIES)
  foreach(link IN LISTS links)
    if(link AND NOT link MATCHES "^eg_")
      list(APPEND libraries ${link})
    endif()
  endforeach()
endforeach()
list(REMOVE_DUPLICATES libraries)

# The same libraries as bare names, for those who link the static one.
set(ENGRAM_PRIVATE_LIBS "")
foreach(library IN LISTS libraries)
  if(TARGET ${library})
    get_target_property(files ${library} INTERFACE_LINK_LIBRARIES)
  else()
    set(files ${library})
  endif()
  foreach(file IN LISTS files)
    if(NOT file)
      continue() # part of the C library
    endif()
    get_filename_component(name "${file}" NAME_WE)
    string(REGEX REPLACE "^(lib|-l)" "" name "${name}")
    list(APPEND ENGRAM_PRIVATE_LIBS ${name})
  endforeach()
endforeach()
list(REMOVE_DUPLICATES ENGRAM_PRIVATE_LIBS)

set(include_dirs
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/formats/include>
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/converters/include>
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/plugin/include>
  $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

add_library(engram_shared SHARED ${objects})
target_link_libraries(engram_shared PRIVATE ${libraries} $<BUILD_INTERFACE:eg_flags>)
set_target_properties(engram_shared PROPERTIES
  OUTPUT_NAME engram EXPORT_NAME engram LINKER_LANGUAGE C
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
# A host may carry other copies of what we use: our own calls stay inside, and what the
# archives of others define is not exported in our name.
target_link_options(engram_shared PRIVATE LINKER:-Bsymbolic LINKER:--exclude-libs,ALL)
if(NOT ENGRAM_SANITIZE)
  target_link_options(engram_shared PRIVATE LINKER:-z,defs)
endif()

add_library(engram_static STATIC ${objects})
target_link_libraries(engram_static INTERFACE ${ENGRAM_PRIVATE_LIBS})
set_target_properties(engram_static PROPERTIES OUTPUT_NAME engram LINKER_LANGUAGE C)

foreach(library shared static)
  target_include_directories(engram_${library} INTERFACE ${include_dirs})
endforeach()
add_library(engram::engram ALIAS engram_shared)
add_library(engram::engram_static ALIAS engram_static)

# ---- install: headers, libraries, find_package, pkg-config, manual -------------------------
install(TARGETS engram_shared engram_static EXPORT engram-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(floor formats converters plugin)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${floor}/include/engram
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/include/engram/version.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/engram)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/engram)
install(EXPORT engram-targets NAMESPACE engram:: DESTINATION ${config_dir})
set(ENGRAM_INSTALL_PLUGINDIR ${CMAKE_INSTALL_LIBDIR}/engram)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/engram-config.cmake.in
  ${PROJECT_BINARY_DIR}/engram-config.cmake INSTALL_DESTINATION ${config_dir}
  PATH_VARS ENGRAM_INSTALL_PLUGINDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/engram-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/engram-config.cmake
  ${PROJECT_BINARY_DIR}/engram-config-version.cmake DESTINATION ${config_dir})

list(TRANSFORM ENGRAM_PRIVATE_LIBS PREPEND "-l" OUTPUT_VARIABLE ENGRAM_PC_PRIVATE)
list(JOIN ENGRAM_PC_PRIVATE " " ENGRAM_PC_PRIVATE)
configure_file(${CMAKE_CURRENT_LIST_DIR}/engram.pc.in ${PROJECT_BINARY_DIR}/engram.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/engram.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${PROJECT_SOURCE_DIR}/docs/engram.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
