/* The reader and the formatter of hiredis, none of its sockets. Shims only, no logic. */
#ifndef CHIREDIS_SHIM_H
#define CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>
#include <hiredis/read.h>

#endif
