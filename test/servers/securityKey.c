/*
 * A security key made of software, as a middleware of OpenSSH (PROTOCOL.u2f, sk-api.h, version 10): its
 * handle is the private key. If SECURITY_KEY_TOUCH names a file, a signature waits until that exists.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>

#define API_VERSION 0x000a0000
#define IS_ED25519 1
#define GENERAL_ERROR -1
#define UNSUPPORTED -2

struct sk_option;
struct sk_resident_key;

struct sk_enroll_response {
  uint8_t flags;
  uint8_t *public_key;
  size_t public_key_len;
  uint8_t *key_handle;
  size_t key_handle_len;
  uint8_t *signature;
  size_t signature_len;
  uint8_t *attestation_cert;
  size_t attestation_cert_len;
  uint8_t *authdata;
  size_t authdata_len;
};

struct sk_sign_response {
  uint8_t flags;
  uint32_t counter;
  uint8_t *sig_r;
  size_t sig_r_len;
  uint8_t *sig_s;
  size_t sig_s_len;
};

uint32_t sk_api_version(void) { return API_VERSION; }

static int make_ed25519(struct sk_enroll_response *response) {
  EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
  response->public_key_len = response->key_handle_len = 32;
  response->public_key = malloc(32);
  response->key_handle = malloc(32);
  return EVP_PKEY_get_raw_public_key(key, response->public_key, &response->public_key_len) == 1 &&
         EVP_PKEY_get_raw_private_key(key, response->key_handle, &response->key_handle_len) == 1;
}

static int make_ecdsa(struct sk_enroll_response *response) {
  EC_KEY *key = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
  if (EC_KEY_generate_key(key) != 1) return 0;
  response->public_key_len = 65;
  response->public_key = malloc(65);
  response->key_handle_len = 32;
  response->key_handle = malloc(32);
  return EC_POINT_point2oct(EC_KEY_get0_group(key), EC_KEY_get0_public_key(key),
                            POINT_CONVERSION_UNCOMPRESSED, response->public_key, 65, NULL) == 65 &&
         BN_bn2binpad(EC_KEY_get0_private_key(key), response->key_handle, 32) == 32;
}

int sk_enroll(uint32_t algorithm, const uint8_t *challenge, size_t challenge_length,
              const char *application, uint8_t flags, const char *pin, struct sk_option **options,
              struct sk_enroll_response **result) {
  struct sk_enroll_response *response = calloc(1, sizeof(*response));
  response->flags = flags;
  *result = response;
  /* Nobody looks at who attests what. */
  response->signature = calloc(1, response->signature_len = 64);
  int made = algorithm == IS_ED25519 ? make_ed25519(response) : make_ecdsa(response);
  return made ? 0 : GENERAL_ERROR;
}

static int sign_ed25519(const uint8_t *data, size_t length, const uint8_t *secret,
                        struct sk_sign_response *response) {
  EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, 32);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  response->sig_r = malloc(response->sig_r_len = 64);
  return EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
         EVP_DigestSign(context, response->sig_r, &response->sig_r_len, data, length) == 1;
}

static int sign_ecdsa(const uint8_t *data, size_t length, const uint8_t *secret,
                      struct sk_sign_response *response) {
  uint8_t digest[SHA256_DIGEST_LENGTH];
  EC_KEY *key = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
  SHA256(data, length, digest);
  if (EC_KEY_set_private_key(key, BN_bin2bn(secret, 32, NULL)) != 1) return 0;
  ECDSA_SIG *signature = ECDSA_do_sign(digest, sizeof(digest), key);
  if (signature == NULL) return 0;
  const BIGNUM *r = ECDSA_SIG_get0_r(signature), *s = ECDSA_SIG_get0_s(signature);
  response->sig_r = malloc(response->sig_r_len = BN_num_bytes(r));
  response->sig_s = malloc(response->sig_s_len = BN_num_bytes(s));
  BN_bn2bin(r, response->sig_r);
  BN_bn2bin(s, response->sig_s);
  return 1;
}

static int was_touched(void) {
  const char *file = getenv("SECURITY_KEY_TOUCH");
  if (file == NULL) return 1;
  for (int round = 0; round < 600; round += 1) {
    if (access(file, F_OK) == 0) return 1;
    usleep(100000);
  }
  return 0;
}

int sk_sign(uint32_t algorithm, const uint8_t *data, size_t length, const char *application,
            const uint8_t *handle, size_t handle_length, uint8_t flags, const char *pin,
            struct sk_option **options, struct sk_sign_response **result) {
  uint8_t message[32 + 1 + 4 + 32];
  struct sk_sign_response *response = calloc(1, sizeof(*response));
  if (handle_length != 32 || !was_touched()) return GENERAL_ERROR;
  response->flags = flags & 1;
  response->counter = 0x12345678;
  SHA256((const uint8_t *)application, strlen(application), message);
  message[32] = response->flags;
  memcpy(message + 33, "\x12\x34\x56\x78", 4);
  SHA256(data, length, message + 37);
  *result = response;
  int made = algorithm == IS_ED25519 ? sign_ed25519(message, sizeof(message), handle, response)
                                     : sign_ecdsa(message, sizeof(message), handle, response);
  return made ? 0 : GENERAL_ERROR;
}

int sk_load_resident_keys(const char *pin, struct sk_option **options,
                          struct sk_resident_key ***keys, size_t *count) {
  return UNSUPPORTED;
}
