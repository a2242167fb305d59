#include "swell/base/disk.h"

#include <gtest/gtest.h>

#include <vector>

#include "swell/base/errors.h"

namespace swell {

TEST(disk, sizes_are_said_in_units_that_fit) {
  EXPECT_EQ(bytes_as_text(0), "0 bytes");
  EXPECT_EQ(bytes_as_text(999), "999 bytes");
  EXPECT_EQ(bytes_as_text(523.7e6), "524 MB");
  EXPECT_EQ(bytes_as_text(26.24e12), "26.2 TB");
  EXPECT_EQ(bytes_as_text(999.9e6), "1 GB");
  const std::vector<PlannedFile> files = {
      {"run/states.npy", 5e6, ""}, {"run/snapshots.npy", 520e6, ""}, {"run/x", 9, ""}};
  EXPECT_EQ(sizes_as_text(files), "525 MB: snapshots.npy 520 MB");
}

TEST(disk, a_folder_that_is_not_there_yet_is_on_the_disk_of_the_one_above) {
  const int64_t here = available_disk(testing::TempDir());
  EXPECT_GT(here, 0);
  EXPECT_NEAR(static_cast<double>(available_disk(testing::TempDir() + "no/such/folder")), static_cast<double>(here),
              1e9 + 0.2 * static_cast<double>(here));
}

// 26 TB of snapshots, and an exabyte where the disk is large: refused in a sentence that says both sizes and the file.
TEST(disk, files_that_do_not_fit_are_refused_with_both_sizes) {
  const std::filesystem::path folder = testing::TempDir();
  EXPECT_NO_THROW(check_disk(std::vector<PlannedFile>{{folder / "small.npy", 1, "nothing"}}));
  const double bytes = 1e3 + 2 * static_cast<double>(available_disk(folder));
  const std::vector<PlannedFile> files = {{folder / "states.npy", 10, "fewer trajectories"},
                                          {folder / "new" / "snapshots.npy", bytes, "fewer snapshots"}};
  try {
    check_disk(files);
    FAIL() << "more than there is was let through";
  } catch (const InputError& error) {
    const std::string said = error.what();
    EXPECT_NE(said.find(bytes_as_text(bytes + 10)), std::string::npos) << said;
    EXPECT_NE(said.find("snapshots.npy: fewer snapshots would help"), std::string::npos) << said;
  }
}

}  // namespace swell
