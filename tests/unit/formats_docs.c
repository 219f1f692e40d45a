/* docs/format.md says what the tables say: its element pages are generated from schema.def,
 * its rules F10 and up stand word for word in check.c.
 *
 *     test_format_docs --print     the element pages, to be put between the two marks
 */
#include "check/check.h"
#include "common/buf.h"
#include "common/file.h"
#include "network/net.h"

#include "support/check.h"

#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {"text",      "number",   "integer", "flag",
                                    "dimension", "texts",    "array",   "one",
                                    "list",      "sequence", "table"};

static void print_default(eg_buf *out, const eg_field *field)
{
    if (field->required)
        eg_buf_text(out, "required");
    else if (field->kind == EG_FIELD_F64 || field->kind == EG_FIELD_I64)
        eg_buf_printf(out, "%g", field->fallback);
    else if (field->kind == EG_FIELD_FLAG)
        eg_buf_text(out, field->fallback != 0 ? "true" : "false");
    else if (field->kind == EG_FIELD_ARRAY || field->kind == EG_FIELD_ONE)
        eg_buf_text(out, "absent");
    else
        eg_buf_text(out, field->kind == EG_FIELD_DIM ? "1" : "empty");
}

/* Elements from the document down to the smallest. */
static void print_elements(eg_buf *out)
{
    size_t count;
    const eg_element_type *const *types = eg_element_types(&count);
    for (size_t k = count; k-- > 0;) {
        eg_buf_printf(out, "### %s\n\n%s\n\n", types[k]->name, types[k]->doc);
        eg_buf_text(out, "| field | kind | default | meaning |\n|---|---|---|---|\n");
        for (size_t f = 0; f < types[k]->field_count; f++) {
            const eg_field *field = &types[k]->fields[f];
            eg_buf_printf(out, "| %s | %s", field->name, kinds[field->kind]);
            if (field->element)
                eg_buf_printf(out, " of %s", field->element->name);
            eg_buf_text(out, " | ");
            print_default(out, field);
            eg_buf_printf(out, " | %s |\n", field->doc);
        }
        eg_buf_text(out, "\n");
    }
}

static char *read_docs(eg_buf *out)
{
    engram_error err;
    eg_mapping docs;
    assert_ok(eg_mapping_open(&docs, check_data_path("../docs/format.md"), &err), &err);
    eg_buf_init(out, engram_default_alloc());
    eg_buf_append(out, docs.data, docs.size);
    eg_mapping_close(&docs);
    return out->data;
}

static void element_pages_follow_the_schema(void **state)
{
    (void)state;
    eg_buf docs, wanted;
    const char *text = read_docs(&docs);
    eg_buf_init(&wanted, engram_default_alloc());
    print_elements(&wanted);
    const char *begin = strstr(text, "<!-- elements -->\n\n");
    assert_non_null(begin);
    begin += strlen("<!-- elements -->\n\n");
    const char *end = strstr(begin, "<!-- end of elements -->");
    assert_non_null(end);
    assert_int_equal(end - begin, wanted.size);
    assert_memory_equal(begin, wanted.data, wanted.size);
    eg_buf_clear(&wanted);
    eg_buf_clear(&docs);
}

static void rules_stand_in_the_docs(void **state)
{
    (void)state;
    eg_buf docs;
    const char *text = read_docs(&docs);
    const eg_rule_text *rule;
    for (size_t k = 0; (rule = eg_check_rule(k)) != NULL; k++) {
        char line[256];
        snprintf(line, sizeof line, "**%s** %s", rule->rule, rule->text);
        assert_string_contains(text, line);
    }
    eg_buf_clear(&docs);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--print") == 0) {
        eg_buf out;
        eg_buf_init(&out, engram_default_alloc());
        print_elements(&out);
        fputs(out.data, stdout);
        eg_buf_clear(&out);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(element_pages_follow_the_schema),
        cmocka_unit_test(rules_stand_in_the_docs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
