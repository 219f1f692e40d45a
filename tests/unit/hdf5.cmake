eg_unit_test(test_hdf5_net SOURCES unit/hdf5_net.c unit/hdf5_fill.c DEPENDS eg_hdf5)
eg_unit_test(test_hdf5_record SOURCES unit/hdf5_record.c DEPENDS eg_hdf5)
eg_unit_test(test_hdf5_loader SOURCES unit/hdf5_loader.c DEPENDS eg_hdf5_loader)
# Writes a results file slowly, for a reader in another process (tests/test_archive_h5py.py).
add_executable(hdf5_writer unit/hdf5_writer.c unit/hdf5_fill.c)
target_link_libraries(hdf5_writer PRIVATE eg_hdf5 eg_test_support)
