// SPDX-License-Identifier: MIT
//
// What became of one key, where it is not what was asked for. One of many is reported like the only
// one, and those behind it still get their turn.
#pragma once

#include <string>
#include <string_view>

#include "cli/failure.hpp"
#include "cli/output.hpp"

namespace tc {

// "not found: "k"", and so on. REQUIRES: an answer, and not OK.
[[nodiscard]] std::string outcome_text(tagcache_status status, std::string_view key);

// Key and status in JSON; else a line on stderr: `sentence` for an answer, and what `verb` ran into
// for a refusal. REQUIRES: not OK.
[[nodiscard]] ExitCode report_outcome(Output& output, std::string_view verb, std::string_view key,
                                      tagcache_status status, const std::string& sentence);
[[nodiscard]] ExitCode report_outcome(Output& output, std::string_view verb, std::string_view key,
                                      tagcache_status status);

}  // namespace tc
