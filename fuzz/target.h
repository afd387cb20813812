// A fuzz target: a function that takes any bytes and aborts where a property is broken.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace ashore::fuzz {

void pipeline_reader(std::string_view bytes);
void json(std::string_view bytes);
void number(std::string_view bytes);
void paginator(std::string_view bytes);
void headers(std::string_view bytes);
void delta_log(std::string_view bytes);
void manifest(std::string_view bytes);
void timestamp(std::string_view bytes);
void small_parquet(std::string_view bytes);

// Ends the process, saying what should have held.
inline void must(bool holds, const char* what) {
  if (holds) return;
  (void)std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace ashore::fuzz
