/* schema_undef.h - forget the macros that schema.def was read with. No include guard: it is
 * included after every reading. */
#undef EG_REQ
#undef EG_OPT
#undef EG_ELEMENT
#undef EG_STR
#undef EG_F64
#undef EG_I64
#undef EG_FLAG
#undef EG_DIM
#undef EG_STRS
#undef EG_ARRAY
#undef EG_ONE
#undef EG_LIST
#undef EG_SEQ
#undef EG_TABLE
#undef EG_END
