// Walks the declarations of CLI11, and writes roff and the scripts of three shells.
#include "cli/command_docs.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

namespace ashore::cli {

namespace {

// CLI11 puts choices into the type's name: "TEXT:{text,json}".
std::vector<std::string> choices_of(const std::string& type) {
  const auto begin = type.find('{');
  if (begin == std::string::npos || !type.ends_with('}')) return {};
  std::vector<std::string> choices;
  std::string word;
  for (const char character : type.substr(begin + 1)) {
    if (character != ',' && character != '}') {
      word += character;
    } else {
      choices.push_back(std::exchange(word, {}));
    }
  }
  return choices;
}

OptionDoc describe_option(const CLI::Option& option) {
  OptionDoc doc;
  for (const auto& name : option.get_snames()) doc.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) {
    // Airflow's spelling of dates is accepted everywhere and told nowhere.
    if (name.find('_') == std::string::npos) doc.names.push_back("--" + name);
  }
  const bool is_flag = option.get_items_expected_max() == 0;
  if (!is_flag) {
    const auto type = option.get_type_name();
    doc.choices = choices_of(type);
    doc.value = doc.names.empty() ? option.get_name() : type.substr(0, type.find(':'));
  }
  doc.meaning = option.get_description();
  doc.variable = option.get_envname();
  doc.default_text = option.get_default_str();
  return doc;
}

// Roff takes '.' and ''' at the start of a line for a request and '\' for an escape; a '-' that is
// to be copied is '\-'.
std::string roff(std::string_view text) {
  std::string out;
  for (const char character : text) {
    if (out.empty() && (character == '.' || character == '\'')) out += "\\&";
    if (character == '\\') {
      out += "\\e";
    } else if (character == '-') {
      out += "\\-";
    } else {
      out += character;
    }
  }
  return out;
}

std::string sentence(const OptionDoc& option) {
  std::string text = option.meaning;
  if (!option.choices.empty()) {
    std::string choices;
    for (const auto& choice : option.choices) choices += (choices.empty() ? "" : ", ") + choice;
    text += " (" + choices + ")";
  }
  if (!option.default_text.empty()) text += "; default " + option.default_text;
  if (!option.variable.empty()) text += ". Environment: " + option.variable;
  return text + ".";
}

void append_options(const std::vector<OptionDoc>& options, std::string* page) {
  for (const auto& option : options) {
    *page += ".TP\n";
    std::string head;
    for (const auto& name : option.names) head += (head.empty() ? "" : ", ") + name;
    if (option.names.empty()) {
      *page += ".I " + roff(option.value) + "\n";
    } else if (option.value.empty()) {
      *page += ".B " + roff(head) + "\n";
    } else {
      *page += ".BI \"" + roff(head) + " \" " + roff(option.value) + "\n";
    }
    *page += roff(sentence(option)) + "\n";
  }
}

void append_command(const CommandDoc& command, const std::string& parents, std::string* page) {
  const auto name = parents + command.name;
  *page += ".SS " + roff(name);
  for (const auto& positional : command.positionals) *page += " [" + roff(positional.value) + "]";
  *page += "\n" + roff(command.meaning) + ".\n";
  append_options(command.positionals, page);
  append_options(command.options, page);
  for (const auto& inner : command.commands) append_command(inner, name + " ", page);
}

// A word of a shell script between single quotes.
std::string quoted_for_shell(std::string_view text) {
  std::string out = "'";
  for (const char character : text)
    out += character == '\'' ? std::string("'\\''") : std::string(1, character);
  return out + "'";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::string> option_names(const CommandDoc& command) {
  std::vector<std::string> names;
  for (const auto& option : command.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

std::vector<std::string> command_names(const CommandDoc& command) {
  std::vector<std::string> names;
  for (const auto& inner : command.commands) names.push_back(inner.name);
  return names;
}

// Every command by its words: "run", "quarantine list".
std::vector<std::pair<std::string, const CommandDoc*>> by_words(const CommandDoc& program) {
  std::vector<std::pair<std::string, const CommandDoc*>> commands;
  for (const auto& command : program.commands) {
    commands.emplace_back(command.name, &command);
    for (const auto& inner : command.commands) {
      commands.emplace_back(command.name + " " + inner.name, &inner);
    }
  }
  return commands;
}

std::string bash_completion(const CommandDoc& program) {
  std::string script =
      "# bash completion for ashore\n"
      "_ashore() {\n"
      "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\" "
      "command='' each\n"
      "  for each in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \"$command $each\" in\n";
  for (const auto& [words, command] : by_words(program)) {
    (void)command;
    const auto space = words.find(' ');
    const auto known = space == std::string::npos ? " " + words : words;
    script += "      " + quoted_for_shell(known) + ") command=" + quoted_for_shell(words) + " ;;\n";
  }
  script += "    esac\n  done\n  COMPREPLY=()\n  case \"$command:$before\" in\n";
  for (const auto& [words, command] : by_words(program)) {
    for (const auto& option : command->options) {
      if (option.value.empty()) continue;
      for (const auto& name : option.names) {
        script += "    " + quoted_for_shell(words + ":" + name) + ") ";
        script += option.choices.empty()
                      ? "COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
                      : "COMPREPLY=($(compgen -W " + quoted_for_shell(joined(option.choices)) +
                            " -- \"$word\")); return ;;\n";
      }
    }
  }
  script += "  esac\n  case \"$command\" in\n    '') COMPREPLY=($(compgen -W " +
            quoted_for_shell(joined(command_names(program)) + " " + joined(option_names(program))) +
            " -- \"$word\")) ;;\n";
  for (const auto& [words, command] : by_words(program)) {
    const auto all = joined(command_names(*command)) + " " + joined(option_names(*command));
    script += "    " + quoted_for_shell(words) + ") ";
    if (!command->positionals.empty()) {
      script += "[[ $word == -* ]] || COMPREPLY=($(compgen -f -- \"$word\")); ";
    }
    script += "COMPREPLY+=($(compgen -W " + quoted_for_shell(all) + " -- \"$word\")) ;;\n";
  }
  return script + "  esac\n}\ncomplete -o filenames -F _ashore ashore\n";
}

// A description within an argument of zsh's _arguments: ':' and brackets end it.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char character : text) {
    if (character == ':' || character == '[' || character == ']' || character == '\\') out += '\\';
    out += character;
  }
  return out;
}

std::string zsh_arguments(const CommandDoc& command) {
  std::string words;
  for (const auto& option : command.options) {
    for (const auto& name : option.names) {
      auto word = name + "[" + zsh_text(option.meaning) + "]";
      if (!option.choices.empty()) {
        word += ":" + option.value + ":(" + joined(option.choices) + ")";
      } else if (!option.value.empty()) {
        word += ":" + option.value + ":_files";
      }
      words += " \\\n        " + quoted_for_shell(word);
    }
  }
  for (const auto& positional : command.positionals) {
    words += " \\\n        " + quoted_for_shell(":" + positional.value + ":_files");
  }
  return words;
}

std::string zsh_commands(const CommandDoc& command, const std::string& parents) {
  std::string script = "    local -a commands=(";
  for (const auto& inner : command.commands) {
    script += "\n      " + quoted_for_shell(zsh_text(inner.name) + ":" + zsh_text(inner.meaning));
  }
  script += ")\n    _arguments -C" + zsh_arguments(command) +
            " \\\n        '1:command:->command' '*::argument:->argument'\n"
            "    case $state in\n      command) _describe command commands ;;\n"
            "      argument) case $words[1] in\n";
  for (const auto& inner : command.commands) {
    script += "        " + inner.name + ") _ashore" + parents + "_" + inner.name + " ;;\n";
  }
  return script + "      esac ;;\n    esac\n";
}

void append_zsh(const CommandDoc& command, const std::string& parents, std::string* script) {
  for (const auto& inner : command.commands) append_zsh(inner, parents + "_" + inner.name, script);
  *script += "_ashore" + parents + "() {\n";
  if (command.commands.empty()) {
    *script += "    _arguments" + zsh_arguments(command) + "\n";
  } else {
    *script += zsh_commands(command, parents);
  }
  *script += "}\n";
}

std::string zsh_completion(const CommandDoc& program) {
  std::string script = "#compdef ashore\n# zsh completion for ashore\n";
  append_zsh(program, "", &script);
  return script +
         "if [[ $funcstack[1] == _ashore ]]; then _ashore \"$@\"; else compdef _ashore ashore; "
         "fi\n";
}

// A string of fish between single quotes.
std::string fish_text(std::string_view text) {
  std::string out = "'";
  for (const char character : text) {
    if (character == '\'' || character == '\\') out += '\\';
    out += character;
  }
  return out + "'";
}

void append_fish_options(const CommandDoc& command, const std::string& condition,
                         std::string* script) {
  for (const auto& option : command.options) {
    std::string names;
    for (const auto& name : option.names) {
      names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    *script += "complete -c ashore -n " + fish_text(condition) + names;
    if (!option.value.empty()) *script += " -r";
    if (!option.choices.empty()) *script += " -f -a " + fish_text(joined(option.choices));
    *script += " -d " + fish_text(option.meaning) + "\n";
  }
}

std::string fish_completion(const CommandDoc& program) {
  std::string script = "# fish completion for ashore\n";
  const auto seen = [](const std::string& names) { return "__fish_seen_subcommand_from " + names; };
  const std::string none = "not " + seen(joined(command_names(program)));
  append_fish_options(program, none, &script);
  for (const auto& command : program.commands) {
    script += "complete -c ashore -f -n " + fish_text(none) + " -a " + fish_text(command.name) +
              " -d " + fish_text(command.meaning) + "\n";
    append_fish_options(command, seen(command.name), &script);
    for (const auto& inner : command.commands) {
      const auto begun = seen(command.name) + "; and not " + seen(joined(command_names(command)));
      script += "complete -c ashore -f -n " + fish_text(begun) + " -a " + fish_text(inner.name) +
                " -d " + fish_text(inner.meaning) + "\n";
      append_fish_options(inner, seen(command.name) + "; and " + seen(inner.name), &script);
    }
  }
  return script;
}

}  // namespace

CommandDoc describe(const CLI::App& app) {
  CommandDoc doc;
  doc.name = app.get_name();
  doc.meaning = app.get_description();
  doc.footer = app.get_footer();
  for (const auto* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    auto described = describe_option(*option);
    (described.names.empty() ? doc.positionals : doc.options).push_back(std::move(described));
  }
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) doc.commands.push_back(describe(*command));
  }
  return doc;
}

std::string manual_page(const CommandDoc& program, std::string_view version) {
  std::string page =
      ".TH ASHORE 1 \"\" \"ashore " + std::string(version) + "\" \"User Commands\"\n";
  page += ".SH NAME\nashore \\- brings JSON APIs into your warehouse\n";
  page += ".SH SYNOPSIS\n.B ashore\n.I COMMAND\n.RI [ PIPELINE ]\n.RI [ OPTION ...]\n";
  page += ".SH DESCRIPTION\n" + roff(program.meaning) + "\n";
  page += ".SH OPTIONS\n";
  append_options(program.options, &page);
  page += ".SH COMMANDS\n";
  for (const auto& command : program.commands) append_command(command, "", &page);
  page += ".SH EXIT STATUS\n" + roff(program.footer) + "\n";
  page +=
      ".SH FILES\n.TP\n.I resources/\nThe data folder: raw pages, published tables, runs.\n"
      ".TP\n.I pipelines/*.yaml\nPipeline files.\n";
  return page;
}

std::string completion(const CommandDoc& program, std::string_view shell) {
  if (shell == "bash") return bash_completion(program);
  if (shell == "zsh") return zsh_completion(program);
  if (shell == "fish") return fish_completion(program);
  return "";
}

std::optional<std::string> documents(const CLI::App& app, std::string_view command,
                                     std::string_view shell, std::string_view version) {
  if (command == "man") return manual_page(describe(app), version);
  if (command == "completion") return completion(describe(app), shell);
  return std::nullopt;
}

}  // namespace ashore::cli
