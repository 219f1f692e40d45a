eg_unit_test(test_exec_vm SOURCES unit/exec_vm.c DEPENDS eg_exec)
