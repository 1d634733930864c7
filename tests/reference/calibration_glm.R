# Makes calibration_glm.json with R's glm: Rscript tests/reference/calibration_glm.R (run from the root of the checkout).
# Slope and intercept of calibration of fixed scores, the slope's profile likelihood interval, the intercept's robust
# one, and a weighted fit.

i <- 1:150
score <- plogis(2.2 * sin(1.3 * i) - 0.4 + 0.01 * (i %% 17))
truth <- as.integer(((i * 7919) %% 997) / 997 < plogis(0.5 + 0.6 * qlogis(score)))
weight <- (i * 31) %% 4
x <- qlogis(score)

line <- glm(truth ~ x, family = binomial, control = glm.control(epsilon = 1e-14, maxit = 100))
large <- glm(truth ~ 1 + offset(x), family = binomial, control = glm.control(epsilon = 1e-14, maxit = 100))
weighted <- glm(truth ~ x, family = binomial, weights = weight, control = glm.control(epsilon = 1e-14, maxit = 100))

# ends where the deviance of the fit with that value held is the least deviance plus the 95 % point of chi-square
held <- function(fit) deviance(fit) - qchisq(0.95, 1)
slope_gap <- function(b) held(glm(truth ~ 1 + offset(b * x), family = binomial, control = glm.control(epsilon = 1e-14))) - deviance(line)
error <- resid(large, "response")
known <- sum(fitted(large) * (1 - fitted(large)))
half <- qnorm(0.975) * sqrt(length(x) / (length(x) - 1) * sum(error^2)) / known
ends <- function(gap, best) c(uniroot(gap, c(best - 3, best), tol = 1e-12)$root, uniroot(gap, c(best, best + 3), tol = 1e-12)$root)

numbers <- function(v) paste0("[", paste(sprintf("%.17g", v), collapse = ", "), "]")
found <- list(
  score = numbers(score), truth = numbers(truth), weight = numbers(weight),
  line = numbers(coef(line)), large = numbers(coef(large)), weighted = numbers(coef(weighted)),
  slope_interval = numbers(ends(slope_gap, coef(line)[2])),
  intercept_interval = numbers(coef(large) + c(-half, half))
)
made <- sprintf("\"made by\": \"R %s.%s, stats::glm\"", R.version$major, R.version$minor)
text <- paste0("{", paste(c(made, sprintf("\"%s\": %s", names(found), unlist(found))), collapse = ",\n"), "}\n")
cat(text, file = "tests/reference/calibration_glm.json")
