/* MD5 (RFC 1321) and SHA-2 (FIPS 180-4). */
#ifndef AMPH_SQLITE_DIGEST_H
#define AMPH_SQLITE_DIGEST_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void amph__md5(const void *data, size_t len, uint8_t out[16]);
/* bits is 224, 256, 384 or 512; out has bits / 8 bytes. */
void amph__sha2(int bits, const void *data, size_t len, uint8_t *out);
#endif
