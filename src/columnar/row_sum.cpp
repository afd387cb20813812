// Adds hashes of rows, modulo 2^128.
#include "columnar/row_sum.h"

#include <cinttypes>
#include <cstdio>

namespace ashore::columnar {

namespace {

void add_hash(const RowHash& hash, RowHash* sum) {
  sum->low += hash.low;
  sum->high += hash.high + (sum->low < hash.low ? 1 : 0);
}

}  // namespace

void RowSum::add(const RowHash& hash) {
  ++rows;
  add_hash(hash, &sum);
}

void RowSum::add(const RowSum& other) {
  rows += other.rows;
  add_hash(other.sum, &sum);
}

std::string to_hex(const RowHash& hash) {
  char text[33];
  (void)std::snprintf(text, sizeof text, "%016" PRIx64 "%016" PRIx64, hash.high, hash.low);
  return text;
}

}  // namespace ashore::columnar
