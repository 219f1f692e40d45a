if(ENGRAM_HAVE_GSL)
  eg_unit_test(test_ode_loader SOURCES unit/ode_loader.c DEPENDS eg_ode)
endif()
# The loader of a build without GSL.
eg_unit_test(test_ode_absent SOURCES unit/ode_loader.c ${PROJECT_SOURCE_DIR}/plugin/ode/loader.c
             DEPENDS eg_common)
target_compile_definitions(test_ode_absent PRIVATE EG_WITHOUT_GSL=1)
