#include "functions.h"
const sl_functions amph__sl_json_functions = { NULL, 0 };
