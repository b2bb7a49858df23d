/** Tests of the commands. */
package io.howdah.bench;
