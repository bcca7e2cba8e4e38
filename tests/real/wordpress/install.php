<?php
// A fresh site with an administrator, an author and a contributor; prints their application passwords.
error_reporting(E_ERROR);
ini_set('display_errors', '0');
ini_set('sendmail_path', '/bin/true');
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = '127.0.0.1';
$_SERVER['REQUEST_URI'] = '/';
$root = $argv[1];
require $root . '/wp-load.php';
require $root . '/wp-admin/includes/upgrade.php';
$made = wp_install('Blog latihan', 'admin', 'admin@latihan.test', true, '', 'sandi-admin');
update_option('permalink_structure', '/%postname%/');
update_option('comment_moderation', 0);
update_option('comment_previously_approved', 0);
$people = ['admin' => $made['user_id']];
foreach (['author' => 'penulis', 'contributor' => 'magang'] as $role => $name) {
    $people[$name] = wp_insert_user([
        'user_login' => $name, 'user_pass' => 'sandi-' . $name, 'user_email' => $name . '@latihan.test', 'role' => $role,
    ]);
}
foreach ($people as $name => $id) {
    list($password) = WP_Application_Passwords::create_new_application_password($id, ['name' => 'ContentDesk']);
    echo $name . '=' . $password . "\n";
}
echo 'version=' . $wp_version . "\n";
