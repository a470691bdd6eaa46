/* Digests. Each works on blocks; the last one or two are made of the rest, a one bit, zeros and the
 * length in bits. */
#include "digest.h"
#include <math.h>
#include <string.h>

/* ---- MD5 ---- */

static uint32_t rotate_left(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

/* The constants are the first 32 bits after the point of |sin(i + 1)|. */
static void md5_block(uint32_t state[4], const uint8_t *block)
{
	static const uint8_t shifts[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 },
					      { 6, 10, 15, 21 } };
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], words[16];

	for (unsigned i = 0; i < 16; i++)
		words[i] = (uint32_t)block[i * 4] | (uint32_t)block[i * 4 + 1] << 8 |
			   (uint32_t)block[i * 4 + 2] << 16 | (uint32_t)block[i * 4 + 3] << 24;
	for (unsigned i = 0; i < 64; i++) {
		uint32_t f, k = (uint32_t)(int64_t)floor(fabs(sin(i + 1.0)) * 4294967296.0);
		unsigned round = i / 16, word;

		if (round == 0) {
			f = (b & c) | (~b & d);
			word = i;
		} else if (round == 1) {
			f = (d & b) | (~d & c);
			word = (5 * i + 1) % 16;
		} else if (round == 2) {
			f = b ^ c ^ d;
			word = (3 * i + 5) % 16;
		} else {
			f = c ^ (b | ~d);
			word = 7 * i % 16;
		}
		f += a + k + words[word];
		a = d;
		d = c;
		c = b;
		b += rotate_left(f, shifts[round][i % 4]);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

/* The end of a message of len bytes in blocks of the given size; gives how many bytes. */
static size_t pad(const uint8_t *rest, size_t len, size_t block, uint8_t *out)
{
	size_t n = len % block, length_size = block / 8;
	size_t total = n + 1 + length_size <= block ? block : 2 * block;

	memset(out, 0, total);
	if (n)
		memcpy(out, rest, n);
	out[n] = 0x80;
	return total;
}

void amph__md5(const void *data, size_t len, uint8_t out[16])
{
	uint32_t state[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
	const uint8_t *p = data;
	uint8_t last[128];
	size_t whole = len - len % 64, total;

	for (size_t i = 0; i < whole; i += 64)
		md5_block(state, p + i);
	total = pad(p + whole, len, 64, last);
	for (unsigned i = 0; i < 8; i++)
		last[total - 8 + i] = (uint8_t)((uint64_t)len * 8 >> (8 * i));
	for (size_t i = 0; i < total; i += 64)
		md5_block(state, last + i);
	for (unsigned i = 0; i < 16; i++)
		out[i] = (uint8_t)(state[i / 4] >> (8 * (i % 4)));
}

/* ---- SHA-2: words of 32 bits in 64 rounds, or of 64 bits in 80 ---- */

/* The first 64 bits after the point of the cube roots of the first primes; those of 32 bits are
 * their beginnings. */
static const uint64_t round_constants[80] = {
	0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
	0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
	0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
	0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
	0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
	0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
	0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
	0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
	0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
	0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
	0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
	0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
	0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
	0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
	0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
	0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
	0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
	0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
	0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
	0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817
};

typedef struct sha_kind {
	bool wide;
	unsigned rounds, big[2][3], small[2][3];        /* rotations; the third of small shifts */
} sha_kind;

static uint64_t rotate(const sha_kind *k, uint64_t x, unsigned n)
{
	if (k->wide)
		return x >> n | x << (64 - n);
	return (uint32_t)((uint32_t)x >> n | (uint32_t)x << (32 - n));
}

static uint64_t mix(const sha_kind *k, uint64_t x, const unsigned by[3], bool shift)
{
	return rotate(k, x, by[0]) ^ rotate(k, x, by[1]) ^ (shift ? x >> by[2] : rotate(k, x, by[2]));
}

static uint64_t cut(const sha_kind *k, uint64_t x)
{
	return k->wide ? x : (uint32_t)x;
}

static void sha_block(const sha_kind *k, uint64_t state[8], const uint8_t *block)
{
	uint64_t w[80], s[8];
	unsigned size = k->wide ? 8 : 4;

	for (unsigned i = 0; i < 16; i++) {
		w[i] = 0;
		for (unsigned j = 0; j < size; j++)
			w[i] = w[i] << 8 | block[i * size + j];
	}
	for (unsigned i = 16; i < k->rounds; i++)
		w[i] = cut(k, mix(k, w[i - 2], k->small[1], true) + w[i - 7] +
				      mix(k, w[i - 15], k->small[0], true) + w[i - 16]);
	memcpy(s, state, sizeof(s));
	for (unsigned i = 0; i < k->rounds; i++) {
		uint64_t constant = k->wide ? round_constants[i] : round_constants[i] >> 32;
		uint64_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
		uint64_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
		uint64_t t1 = s[7] + mix(k, s[4], k->big[1], false) + choice + constant + w[i];
		uint64_t t2 = mix(k, s[0], k->big[0], false) + majority;

		memmove(s + 1, s, 7 * sizeof(*s));
		s[4] = cut(k, s[4] + t1);
		s[0] = cut(k, t1 + t2);
	}
	for (unsigned i = 0; i < 8; i++)
		state[i] = cut(k, state[i] + s[i]);
}

static const uint64_t *initial_state(int bits)
{
	static const uint64_t of_224[8] = { 0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939,
					    0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4 };
	static const uint64_t of_256[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	static const uint64_t of_384[8] = { 0xcbbb9d5dc1059ed8, 0x629a292a367cd507,
					    0x9159015a3070dd17, 0x152fecd8f70e5939,
					    0x67332667ffc00b31, 0x8eb44a8768581511,
					    0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4 };
	static const uint64_t of_512[8] = { 0x6a09e667f3bcc908, 0xbb67ae8584caa73b,
					    0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
					    0x510e527fade682d1, 0x9b05688c2b3e6c1f,
					    0x1f83d9abfb41bd6b, 0x5be0cd19137e2179 };

	return bits == 224 ? of_224 : bits == 256 ? of_256 : bits == 384 ? of_384 : of_512;
}

void amph__sha2(int bits, const void *data, size_t len, uint8_t *out)
{
	static const sha_kind narrow = { false, 64, { { 2, 13, 22 }, { 6, 11, 25 } },
					 { { 7, 18, 3 }, { 17, 19, 10 } } };
	static const sha_kind wide = { true, 80, { { 28, 34, 39 }, { 14, 18, 41 } },
				       { { 1, 8, 7 }, { 19, 61, 6 } } };
	const sha_kind *k = bits > 256 ? &wide : &narrow;
	unsigned block = k->wide ? 128 : 64, size = k->wide ? 8 : 4;
	const uint8_t *p = data;
	uint8_t last[256];
	uint64_t state[8];
	size_t whole = len - len % block, total;

	memcpy(state, initial_state(bits), sizeof(state));
	for (size_t i = 0; i < whole; i += block)
		sha_block(k, state, p + i);
	total = pad(p + whole, len, block, last);
	for (unsigned i = 0; i < 8; i++)
		last[total - 1 - i] = (uint8_t)((uint64_t)len * 8 >> (8 * i));
	for (size_t i = 0; i < total; i += block)
		sha_block(k, state, last + i);
	for (unsigned i = 0; i < (unsigned)bits / 8; i++)
		out[i] = (uint8_t)(state[i / size] >> (8 * (size - 1 - i % size)));
}
