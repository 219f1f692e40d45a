# EngramWheel.cmake - what brian2engram's wheel carries (docs/decisions/0009-the-wheel.md)
#
#   cmake --build build --target wheel
#   cmake --install build --component wheel --prefix <folder of the package>
#
# The objects of libengram, provider, plugin and command, linked once more so that they find one
# another and the shared libraries they need wherever the package is. HDF5 is linked statically.

set(wheel_dir ${PROJECT_BINARY_DIR}/wheel)

# HDF5 without its drivers for remote files, and so without the 30 libraries behind them. The
# archives of a distribution are compiled for programs; what keeps them out of a shared object
# is the address of the C library's streams alone, so these get names of ours (streams.c).
find_library(ENGRAM_HDF5_ARCHIVE NAMES libhdf5.a libhdf5_serial.a
             HINTS ${HDF5_LIBRARY_DIRS} ${HDF5_LIBDIR})
find_library(ENGRAM_SZ_ARCHIVE libsz.a)
find_library(ENGRAM_AEC_ARCHIVE libaec.a)
find_library(ENGRAM_Z_ARCHIVE libz.a)
set(streams ${CMAKE_CURRENT_LIST_DIR}/streams.c)
set(wheel_hdf5 "")
if(ENGRAM_HDF5_ARCHIVE)
  set(wheel_hdf5 ${wheel_dir}/libhdf5.a)
  foreach(archive ${ENGRAM_SZ_ARCHIVE} ${ENGRAM_AEC_ARCHIVE} ${ENGRAM_Z_ARCHIVE})
    if(archive)
      list(APPEND wheel_hdf5 ${archive})
    endif()
  endforeach()
  if(NOT ENGRAM_HDF5_LINKED STREQUAL ENGRAM_HDF5_ARCHIVE
     OR ${ENGRAM_HDF5_ARCHIVE} IS_NEWER_THAN ${wheel_dir}/libhdf5.a)
    file(MAKE_DIRECTORY ${wheel_dir})
    file(WRITE ${wheel_dir}/try.c
         "int H5open(void);\nint try_hdf5(void)\n{\n    return H5open();\n}\n")
    execute_process(COMMAND ${CMAKE_OBJCOPY} --redefine-sym stderr=eg_wheel_stderr
                            --redefine-sym stdout=eg_wheel_stdout
                            ${ENGRAM_HDF5_ARCHIVE} ${wheel_dir}/libhdf5.a ERROR_QUIET)
    execute_process(COMMAND ${CMAKE_C_COMPILER} -fPIC -shared -Wl,-z,defs
                            -Wl,--exclude-libs,ALL -o ${wheel_dir}/try.so ${wheel_dir}/try.c
                            ${streams} ${wheel_hdf5} -ldl -lm -lpthread
                    RESULT_VARIABLE failed ERROR_QUIET)
    file(REMOVE ${wheel_dir}/try.so)
    set(linked "")
    if(NOT failed)
      set(linked ${ENGRAM_HDF5_ARCHIVE})
    endif()
    set(ENGRAM_HDF5_LINKED "${linked}" CACHE INTERNAL "the static HDF5 that the wheel carries")
  endif()
endif()
if(ENGRAM_HDF5_LINKED)
  message(STATUS "The wheel carries HDF5: ${ENGRAM_HDF5_LINKED}")
else()
  set(wheel_hdf5 PkgConfig::HDF5)
  message(STATUS "The wheel needs the installed HDF5: no static one can be linked")
endif()

# <target> <how the loader finds what the wheel carries>. RPATH, not RUNPATH: it also holds for
# the libraries of libraries.
function(eg_wheel_part target rpath)
  target_link_options(${target} PRIVATE LINKER:--disable-new-dtags LINKER:--exclude-libs,ALL
                      LINKER:-Bsymbolic LINKER:-s)
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE C EXCLUDE_FROM_ALL ON
                        BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "${rpath}"
                        LIBRARY_OUTPUT_DIRECTORY ${wheel_dir}/lib
                        RUNTIME_OUTPUT_DIRECTORY ${wheel_dir}/bin)
endfunction()

add_library(wheel_engram SHARED ${objects})
target_link_libraries(wheel_engram PRIVATE ${libraries})
target_include_directories(wheel_engram INTERFACE ${include_dirs})
eg_wheel_part(wheel_engram $ORIGIN)
# No links: a wheel would hold a copy for each.
set_target_properties(wheel_engram PROPERTIES OUTPUT_NAME engram
                      SOVERSION ${PROJECT_VERSION_MAJOR})

set(hdf5_room ${PROJECT_SOURCE_DIR}/formats/hdf5)
add_library(wheel_hdf5 MODULE ${streams} $<TARGET_OBJECTS:eg_hdf5>
            $<TARGET_OBJECTS:eg_network> $<TARGET_OBJECTS:eg_common>)
target_link_libraries(wheel_hdf5 PRIVATE ${wheel_hdf5} PkgConfig::XXHASH Threads::Threads
                      ${CMAKE_DL_LIBS} m)
eg_wheel_part(wheel_hdf5 $ORIGIN/..)
if(NOT ENGRAM_HDF5_LINKED) # it stays where it is installed
  set_target_properties(wheel_hdf5 PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
endif()
target_link_options(wheel_hdf5 PRIVATE "LINKER:--version-script=${hdf5_room}/provider.map"
                    LINKER:-z,defs)
set_target_properties(wheel_hdf5 PROPERTIES PREFIX "" OUTPUT_NAME libengram_hdf5
                      LIBRARY_OUTPUT_DIRECTORY ${wheel_dir}/lib/engram)

add_library(wheel_plugin MODULE $<TARGET_OBJECTS:engram_plugin>)
target_link_libraries(wheel_plugin PRIVATE wheel_engram)
eg_wheel_part(wheel_plugin $ORIGIN/..)
set_target_properties(wheel_plugin PROPERTIES PREFIX "" OUTPUT_NAME engram_plugin
                      LIBRARY_OUTPUT_DIRECTORY ${wheel_dir}/lib/engram)

add_executable(wheel_command $<TARGET_OBJECTS:engram>)
target_link_libraries(wheel_command PRIVATE wheel_engram PkgConfig::JANSSON ${CMAKE_DL_LIBS} m)
eg_wheel_part(wheel_command $ORIGIN/../lib)
set_target_properties(wheel_command PROPERTIES OUTPUT_NAME engram)

add_custom_target(wheel DEPENDS wheel_engram wheel_hdf5 wheel_plugin wheel_command)

install(TARGETS wheel_engram wheel_command
  LIBRARY DESTINATION lib COMPONENT wheel EXCLUDE_FROM_ALL NAMELINK_SKIP
  RUNTIME DESTINATION bin COMPONENT wheel EXCLUDE_FROM_ALL)
install(TARGETS wheel_hdf5 wheel_plugin
  LIBRARY DESTINATION lib/engram COMPONENT wheel EXCLUDE_FROM_ALL)
install(CODE [[
  file(GET_RUNTIME_DEPENDENCIES RESOLVED_DEPENDENCIES_VAR needed
    LIBRARIES $<TARGET_FILE:wheel_engram> EXECUTABLES $<TARGET_FILE:wheel_command>
    PRE_EXCLUDE_REGEXES "^libengram" "^lib(c|m|dl|rt|pthread)[.]so" "^ld-linux")
  foreach(library IN LISTS needed)
    get_filename_component(name ${library} NAME)
    get_filename_component(library ${library} REALPATH)
    message(STATUS "Carrying: ${library}")
    file(COPY_FILE ${library} "${CMAKE_INSTALL_PREFIX}/lib/${name}")
  endforeach()]] COMPONENT wheel EXCLUDE_FROM_ALL)
