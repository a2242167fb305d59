#pragma once

#include "swell/cmd/command.h"
#include "swell/cmd/progress.h"
#include "swell/programs/generate/report.h"
#include "swell/programs/generate/sample.h"

namespace swell::cmd {

// What `generate` and `demo` share: the run with progress, and its summary for people. Threads come from `common`, the
// seed from `options`.
generate::Samples generate_with_progress(const Trained& trained, generate::SampleOptions options, const Common& common);
// How many images an interrupted run kept.
std::string interruption(const generate::Samples& samples, const generate::SampleOptions& options);
// What tells whether to trust them: the first law, and that none is left out. Exit code 130 for an interrupted run; 5
// with a sentence where its books do not close.
void add_checks(Result& result, const generate::Samples& samples);
void say_summary(const generate::Samples& samples, const Common& common);

// --play FILE: the page of `make web` with this very machine inside, play.html.
void add_play_flag(CLI::App& app, std::string& file);
// The page, made before the work; empty without a file.
std::string play_page(const std::string& file, const Trained& trained);
// Writes it into the folder, where there is one, and a link to it into the report.
void add_play_page(Result& result, const std::string& page, const std::filesystem::path& folder);

}  // namespace swell::cmd
