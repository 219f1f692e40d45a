eg_unit_test(test_exec_vm SOURCES unit/exec_vm.c DEPENDS eg_exec)
eg_unit_test(test_exec_strict SOURCES unit/exec_strict.c DEPENDS eg_exec)
eg_unit_test(test_exec_programs SOURCES unit/exec_programs.c DEPENDS eg_exec)
