#include "hdf5/provider.h"
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

static void a_missing_provider_is_an_answer_that_can_be_repeated(void **state)
{
    (void)state;
#ifndef EG_SANITIZED
    const eg_hdf5_provider *h5 = (const eg_hdf5_provider *)1;
    engram_error err = {0};
    setenv("ENGRAM_HDF5_PROVIDER", "/nowhere/libengram_hdf5.so", 1);
    assert_int_equal(eg_hdf5_provider_get(&h5, &err), ENGRAM_E_PROVIDER);
    assert_null(h5);
    assert_string_contains(err.message, "/nowhere/libengram_hdf5.so");
    unsetenv("ENGRAM_HDF5_PROVIDER");
#endif
}

static void the_provider_is_found_beside_the_program(void **state)
{
    (void)state;
    const eg_hdf5_provider *h5 = NULL, *again = NULL;
    engram_error err = {0};
    assert_ok(eg_hdf5_provider_get(&h5, &err), &err);
    assert_int_equal(h5->abi, EG_HDF5_ABI);
    assert_int_equal(strncmp(h5->version(), "1.", 2), 0);
    assert_ok(eg_hdf5_provider_get(&again, &err), &err);
    assert_ptr_equal(h5, again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_provider_is_an_answer_that_can_be_repeated),
        cmocka_unit_test(the_provider_is_found_beside_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
