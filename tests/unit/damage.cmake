eg_unit_test(test_damage SOURCES unit/damage.c DEPENDS eg_sim)
