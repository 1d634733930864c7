# Makes van_dyke_proc.json: Rscript tests/reference/van_dyke_proc.R
# Covariances of the ten reader AUCs of van_dyke_ratings.csv by pROC, mean squares by R's aov, then the test by hand.
suppressPackageStartupMessages(library(pROC))
args <- commandArgs(FALSE)
here <- dirname(sub("--file=", "", args[grep("--file=", args)]))
ratings <- read.csv(file.path(here, "van_dyke_ratings.csv"))
names <- c(paste0("cine_", 1:5), paste0("spin_echo_", 1:5))
curves <- lapply(names, function(n) roc(ratings$truth, ratings[[n]], levels = c(0, 1), direction = "<", quiet = TRUE))
areas <- sapply(curves, function(one) as.numeric(one$auc))
covariance <- outer(1:10, 1:10, Vectorize(function(i, j) {
  if (i == j) pROC::var(curves[[i]]) else pROC::cov(curves[[i]], curves[[j]])
}))
condition <- factor(rep(1:2, each = 5))
reader <- factor(rep(1:5, 2))
squares <- summary(aov(areas ~ condition * reader))[[1]][["Mean Sq"]]
same_condition <- outer(condition, condition, "==")
same_reader <- outer(reader, reader, "==")
cov2 <- mean(covariance[same_condition & !same_reader])
cov3 <- mean(covariance[!same_condition & !same_reader])
error <- squares[3] + 5 * max(cov2 - cov3, 0)
df <- error^2 / (squares[3]^2 / 4)
value <- mean(areas[1:5]) - mean(areas[6:10])
se <- sqrt(2 / 5 * error)
shown <- function(x) paste0("[", paste(sprintf("%.12g", x), collapse = ", "), "]")
lines <- c(
  sprintf('  "made by": "pROC %s and aov, R %s",', packageVersion("pROC"), getRversion()),
  sprintf('  "auc": %s,', shown(areas)),
  sprintf('  "covariance": %s,', shown(covariance)),
  sprintf('  "mean squares": %s,', shown(squares)),
  sprintf('  "cov": %s,', shown(c(mean(covariance[!same_condition & same_reader]), cov2, cov3))),
  sprintf('  "difference": %s,', shown(c(value, value - qt(0.975, df) * se, value + qt(0.975, df) * se))),
  sprintf('  "test": %s', shown(c(squares[1] / error, df, pf(squares[1] / error, 1, df, lower.tail = FALSE))))
)
writeLines(c("{", lines, "}"), file.path(here, "van_dyke_proc.json"))
