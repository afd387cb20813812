// Writes what the command line says of itself as a manual page and as completions for shells.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the name is the library's
class App;
}

namespace ashore::cli {

struct OptionDoc {
  std::vector<std::string> names;    // "--start-date", "-h"; empty for a positional
  std::string value;                 // "FILE", "TEXT"; "" for a flag
  std::vector<std::string> choices;  // where only these may be given
  std::string meaning;
  std::string variable;      // of the environment; "" for none
  std::string default_text;  // "" for none
};

struct CommandDoc {
  std::string name;  // "ashore", "run", "list"
  std::string meaning;
  std::string footer;
  std::vector<OptionDoc> positionals;
  std::vector<OptionDoc> options;  // without hidden ones
  std::vector<CommandDoc> commands;
};

// Pure. What `app` declares, in the order of its declaration.
CommandDoc describe(const CLI::App& app);

// Pure. A page for section 1 in the man macros of roff, of every command and option.
std::string manual_page(const CommandDoc& program, std::string_view version);

// Pure. A script to be sourced by bash, zsh or fish; "" for another shell's name.
std::string completion(const CommandDoc& program, std::string_view shell);

// Pure. What the commands `man` and `completion` print; nothing for another command.
std::optional<std::string> documents(const CLI::App& app, std::string_view command,
                                     std::string_view shell, std::string_view version);

}  // namespace ashore::cli
