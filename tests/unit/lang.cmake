eg_unit_test(test_lang_parse SOURCES unit/lang_parse.c DEPENDS eg_lang)
eg_unit_test(test_lang_sema SOURCES unit/lang_sema.c DEPENDS eg_lang)
eg_unit_test(test_lang_body SOURCES unit/lang_body.c DEPENDS eg_lang)
