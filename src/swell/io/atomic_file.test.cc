#include "swell/io/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/test_folder.h"

namespace swell::test {
namespace {

using Names = std::vector<std::string>;

// In a child process that may write files of at most `max_bytes`, as on a full disk: the error's message.
std::string error_on_full_disk(const std::filesystem::path& path, const std::string& text, rlim_t max_bytes) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{max_bytes, max_bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::string message = "no error";
    try {
      write_file_atomically(path, text);
    } catch (const IoError& error) {
      message = error.what();
    }
    const bool sent = ::write(ends[1], message.data(), message.size()) == static_cast<ssize_t>(message.size());
    ::_exit(sent ? 0 : 1);
  }
  ::close(ends[1]);
  char message[1000];
  const ssize_t got = ::read(ends[0], message, sizeof message);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return {message, static_cast<size_t>(std::max<ssize_t>(got, 0))};
}

TEST(atomic_file, written_bytes_are_read_back) {
  const TestFolder folder;
  write_file_atomically(folder / "a", std::string_view("first"));
  write_file_atomically(folder / "a", std::string_view("second\0third", 12));
  EXPECT_EQ(text_of(folder / "a"), std::string("second\0third", 12));
  EXPECT_EQ(folder.names(), Names{"a"});
}

TEST(atomic_file, an_empty_file_is_read_as_no_bytes) {
  const TestFolder folder;
  write_file_atomically(folder / "empty", std::string_view());
  EXPECT_TRUE(read_file(folder / "empty", 0).empty());
}

// Pieces around the size of the block in which they are collected.
TEST(atomic_file, pieces_make_the_file_that_one_write_makes) {
  const TestFolder folder;
  std::string whole;
  write_file_atomically(folder / "a", [&](const Append& append) {
    for (const size_t length : {3, 1 << 20, 0, (1 << 20) - 1, 1, (1 << 20) + 1, 7}) {
      const std::string piece(length, static_cast<char>('a' + whole.size() % 7));
      whole += piece;
      append(as_bytes_of(piece));
    }
  });
  EXPECT_EQ(text_of(folder / "a"), whole);
}

TEST(atomic_file, a_failure_between_pieces_leaves_the_old_file_and_no_other) {
  const TestFolder folder;
  write_file_atomically(folder / "a", std::string_view("old"));
  write_file_atomically(folder / "a.part", std::string_view("left by a killed program, longer than what comes"));
  const auto fail = [](const Append& append) {
    append(as_bytes_of("new"));
    throw IoError("stop");
  };
  for (const TemporaryName name : {TemporaryName::fixed, TemporaryName::unique}) {
    EXPECT_EQ(error_of([&] { write_file_atomically(folder / "a", fail, name); }), "stop");
    EXPECT_EQ(text_of(folder / "a"), "old");
    EXPECT_EQ(folder.names(), Names{"a"});
  }
  write_file_atomically(
      folder / "a", [](const Append& append) { append(as_bytes_of("new")); }, TemporaryName::fixed);
  EXPECT_EQ(text_of(folder / "a"), "new");
  EXPECT_EQ(folder.names(), Names{"a"});
}

TEST(atomic_file, a_full_disk_is_an_error_and_leaves_no_file) {
  const TestFolder folder;
  const std::string message = error_on_full_disk(folder / "a", std::string(5000, 'x'), 1000);
  EXPECT_TRUE(contains(message, (folder / "a").string()));
  EXPECT_TRUE(contains(message, "File too large"));
  EXPECT_EQ(folder.names(), Names{});
}

TEST(atomic_file, a_full_disk_leaves_the_old_file_as_it_was) {
  const TestFolder folder;
  write_file_atomically(folder / "a", std::string_view("old"));
  EXPECT_TRUE(contains(error_on_full_disk(folder / "a", std::string(5000, 'x'), 1000), "File too large"));
  EXPECT_EQ(text_of(folder / "a"), "old");
  EXPECT_EQ(folder.names(), Names{"a"});
}

TEST(atomic_file, a_device_is_written_in_place_and_its_errors_are_told) {
  const std::string message = error_of([] { write_file_atomically("/dev/full", std::string_view("text")); });
  EXPECT_TRUE(contains(message, "/dev/full: No space left on device"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(atomic_file, an_unwritable_place_is_an_error_that_names_the_file) {
  const TestFolder folder;
  write_file_atomically(folder / "a", std::string_view("text"));
  EXPECT_TRUE(contains(error_of([&] { write_file_atomically(folder / "a/b", std::string_view("text")); }),
                       (folder / "a/b").string() + ": Not a directory"));
  EXPECT_TRUE(contains(error_of([&] { write_file_atomically(folder / "none/b", std::string_view("text")); }),
                       (folder / "none/b").string() + ": No such file"));
  EXPECT_TRUE(contains(error_of([&] { write_file_atomically(folder.path(), std::string_view("text")); }),
                       folder.path().string() + ": it is a folder"));
  EXPECT_TRUE(
      contains(error_of([&] { write_file_atomically("/proc/swell", std::string_view("text")); }), "/proc/swell"));
  EXPECT_THROW(write_file_atomically("", std::string_view("text")), IoError);
}

TEST(atomic_file, a_symbolic_link_is_followed_and_permissions_are_kept) {
  const TestFolder folder;
  write_file_atomically(folder / "a", std::string_view("old"));
  std::filesystem::permissions(folder / "a", std::filesystem::perms(0640));
  std::filesystem::create_symlink("a", folder / "link");
  write_file_atomically(folder / "link", std::string_view("new"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(text_of(folder / "a"), "new");
  EXPECT_EQ(std::filesystem::status(folder / "a").permissions(), std::filesystem::perms(0640));
}

// A pipe is read to its end, also where its writer comes later and writes later still; without a writer it is refused.
TEST(atomic_file, a_pipe_is_read_to_its_end_and_one_without_a_writer_is_refused) {
  const TestFolder folder;
  const std::filesystem::path pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const std::string text(200000, 'x');
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    std::ofstream out(pipe);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    out << text;
  });
  const std::vector<std::byte> bytes = read_file(pipe, 1 << 20);
  writer.join();
  EXPECT_EQ(as_text(bytes), text);
  const std::string message = error_of<IoError>([&] { read_file(pipe, 1 << 20); });
  EXPECT_NE(message.find("is a pipe that nothing has opened"), std::string::npos) << message;
}

TEST(atomic_file, reading_tells_missing_from_folder_from_too_large) {
  const TestFolder folder;
  write_file_atomically(folder / "ten", std::string_view("0123456789"));
  EXPECT_EQ(read_file(folder / "ten", 10).size(), 10u);
  EXPECT_TRUE(contains(error_of([&] { read_file(folder / "ten", 9); }), "10 bytes or more, at most 9"));
  EXPECT_TRUE(
      contains(error_of([&] { read_file(folder / "none", 9); }), (folder / "none").string() + ": No such file"));
  EXPECT_TRUE(contains(error_of([&] { read_file(folder.path(), 9); }), "it is a folder"));
  EXPECT_TRUE(contains(error_of([&] { read_file("/dev/zero", 100'000); }), "/dev/zero: it has"));
}

}  // namespace
}  // namespace swell::test
