eg_unit_test(test_common SOURCES unit/common.c DEPENDS eg_common)
eg_unit_test(test_rng SOURCES unit/common_rng.c DEPENDS eg_common)
