eg_unit_test(test_derive_names SOURCES unit/derive_names.c DEPENDS eg_ir)
eg_unit_test(test_derive_rules SOURCES unit/derive_rules.c DEPENDS eg_ir)
eg_unit_test(test_derive_methods SOURCES unit/derive_methods.c DEPENDS eg_sim)
eg_unit_test(test_propagator SOURCES unit/propagator.c DEPENDS eg_exec)
eg_unit_test(test_setup SOURCES unit/setup_replay.c DEPENDS eg_sim)
# Not a test of its own: the stepper of tests/fidelity/test_derive.py.
add_executable(derive_step fidelity/derive_step.c)
target_link_libraries(derive_step PRIVATE eg_sim eg_msgpack)
