#include "functions.h"
const sl_functions amph__sl_array_functions = { NULL, 0 };
