/** Sessions of users: known by a token, ending by themselves, listed and revoked by user. */
@NullMarked
@CheckReturnValue
package io.howdah.session;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
