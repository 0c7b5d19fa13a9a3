/**
 * What an administrator asks of a gateway that runs. It comes by a socket in the file system, beside the store, that only the
 * user of the gateway can open: who can read the store may ask. A console will use the same operations. Start reading at
 * {@link org.airpost.admin.AdminSocket}; what can be asked is in {@link org.airpost.admin.AdminCommands}.
 */
@NullMarked
package org.airpost.admin;

import org.jspecify.annotations.NullMarked;
