eg_unit_test(test_clocks SOURCES unit/sim_clocks.c DEPENDS eg_sim LABELS valgrind)
eg_unit_test(test_flight SOURCES unit/sim_flight.c DEPENDS eg_sim LABELS valgrind)
eg_unit_test(test_sim SOURCES unit/sim_api.c DEPENDS eg_sim)
eg_unit_test(test_live SOURCES unit/sim_live.c DEPENDS eg_sim LABELS valgrind)
