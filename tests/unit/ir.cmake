eg_unit_test(test_ir_lower SOURCES unit/ir_lower.c DEPENDS eg_exec)
eg_unit_test(test_ir_text SOURCES unit/ir_text.c DEPENDS eg_exec)
eg_unit_test(test_ir_body SOURCES unit/ir_body.c DEPENDS eg_exec)
